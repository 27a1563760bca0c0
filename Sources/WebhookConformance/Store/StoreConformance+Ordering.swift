internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookRetries
internal import WebhookTesting

extension StoreConformance {
    static let orderingCases: [Case] = [
        Case("Events with the same ordering key are delivered one at a time; others are not delayed") { harness in
            try await harness.register(ordering: .resource)
            try await harness.publish("evt_1", key: "task_1")
            try await harness.publish("evt_2", key: "task_1")
            try await harness.publish("evt_3", key: "task_2")
            try await harness.publish("evt_4")
            let first = try await harness.claim()
            try harness.expectEqual(
                Set(first.map(\.delivery.eventID)), ["evt_1", "evt_3", "evt_4"], "events of the first claim")
            try await harness.settle(first.at(0), .succeed)
            try harness.expectEqual(try await harness.claimEvents(), ["evt_2"], "events claimed after evt_1 finished")
        },
        Case("An event waits while the previous one with its ordering key is retried") { harness in
            try await harness.register(ordering: .resource)
            try await harness.publish("evt_1", key: "task_1")
            try await harness.publish("evt_2", key: "task_1")
            try await harness.settle(try await harness.claimOne(), .retry(after: .seconds(5)))
            try harness.expect(try await harness.claim().isEmpty, "evt_2 was claimed before evt_1 finished")
            let reply = try await harness.store.claim(harness.request())
            try harness.expectEqual(reply.nextDueIn, .seconds(5), "the next due time")
            harness.clock.advance(by: .seconds(5))
            try harness.expectEqual(try await harness.claimEvents(), ["evt_1"], "claimed events")
        },
        Case("An exhausted delivery does not block its ordering key") { harness in
            try await harness.register(ordering: .resource)
            try await harness.publish("evt_0")
            try await harness.publish("evt_1", key: "task_1")
            try await harness.publish("evt_2", key: "task_1")
            let claimed = try await harness.claim()
            try await harness.settle(claimed.at(0), .succeed)
            try await harness.settle(claimed.at(1), .giveUp(.exhausted))
            try harness.expectEqual(try await harness.claimEvents(), ["evt_2"], "claimed events")
        },
        Case("A delivery that is rejected for crashing workers does not block its ordering key") { harness in
            try await harness.register(ordering: .resource)
            try await harness.publish("evt_1", key: "task_1")
            try await harness.publish("evt_2", key: "task_1")
            for _ in 0...Delivery.State.maximumExpiredLeases {
                _ = try await harness.claimAfterExpiredLeases()
                harness.clock.advance(by: .seconds(15))
            }
            let reply = try await harness.store.claim(harness.request())
            let events = reply.deliveries.map(\.delivery.eventID) + (try await harness.claimEvents())
            try harness.expectEqual(events, ["evt_2"], "claimed events")
        },
        Case("Twenty events with one ordering key are delivered in order") { harness in
            try await harness.register(ordering: .resource)
            for number in 0..<20 { try await harness.publish(EventID(unchecked: "evt_\(number)"), key: "task_1") }
            for number in 0..<20 {
                let claimed = try await harness.claim()
                try harness.expectEqual(claimed.count, 1, "simultaneous claims")
                try harness.expectEqual(claimed.at(0).delivery.eventID.rawValue, "evt_\(number)", "the event")
                try await harness.settle(claimed.at(0), .succeed)
            }
        },
        Case("Ordering applies per webhook, and only to webhooks that enable it") { harness in
            try await harness.register("wh_1", ordering: .resource)
            try await harness.register("wh_2", ordering: .none)
            try await harness.publish("evt_1", key: "task_1")
            try await harness.publish("evt_2", key: "task_1")
            let claimed = try await harness.claim()
            try harness.expectEqual(claimed.count { $0.webhook.id == "wh_1" }, 1, "claims of wh_1")
            try harness.expectEqual(claimed.count { $0.webhook.id == "wh_2" }, 2, "claims of wh_2")
        },
        Case("A released delivery stays first of its ordering key") { harness in
            try await harness.register(ordering: .resource)
            try await harness.publish("evt_1", key: "task_1")
            try await harness.publish("evt_2", key: "task_1")
            let claimed = try await harness.claimOne()
            try await harness.store.release([Release(claimed.lease)])
            try harness.expectEqual(try await harness.claimEvents(), ["evt_1"], "claimed events")
        },
    ]
}
