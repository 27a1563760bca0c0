internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookRetries
internal import WebhookTesting

extension StoreConformance {
    static let orderingCases: [Case] = [
        Case("Events of one resource go one after the other; other resources go on") { harness in
            try await harness.register(ordering: .resource)
            try await harness.publish("evt_1", key: "task_1")
            try await harness.publish("evt_2", key: "task_1")
            try await harness.publish("evt_3", key: "task_2")
            try await harness.publish("evt_4")
            let first = try await harness.claim()
            try harness.expectEqual(
                Set(first.map(\.delivery.event)), ["evt_1", "evt_3", "evt_4"], "what is claimed at once")
            try await harness.settle(first.at(0), .succeed)
            try harness.expectEqual(try await harness.claimEvents(), ["evt_2"], "after the first has ended")
        },
        Case("A later event waits while the one before it is tried again") { harness in
            try await harness.register(ordering: .resource)
            try await harness.publish("evt_1", key: "task_1")
            try await harness.publish("evt_2", key: "task_1")
            try await harness.settle(try await harness.claimOne(), .retry(after: .seconds(5)))
            try harness.expect(try await harness.claim().isEmpty, "evt_2 overtook evt_1")
            let reply = try await harness.store.claim(harness.request())
            try harness.expectEqual(reply.nextDueIn, .seconds(5), "the next due time")
            harness.clock.advance(by: .seconds(5))
            try harness.expectEqual(try await harness.claimEvents(), ["evt_1"], "what is claimed")
        },
        Case("An event that fails for good lets the next one go") { harness in
            try await harness.register(ordering: .resource)
            try await harness.publish("evt_0")
            try await harness.publish("evt_1", key: "task_1")
            try await harness.publish("evt_2", key: "task_1")
            let claimed = try await harness.claim()
            try await harness.settle(claimed.at(0), .succeed)
            try await harness.settle(claimed.at(1), .giveUp(.exhausted))
            try harness.expectEqual(try await harness.claimEvents(), ["evt_2"], "what is claimed")
        },
        Case("An event that kills workers lets the next one go once it is rejected") { harness in
            try await harness.register(ordering: .resource)
            try await harness.publish("evt_1", key: "task_1")
            try await harness.publish("evt_2", key: "task_1")
            for _ in 0...DeliveryState.crashAllowance {
                _ = try await harness.claimAfterSilence()
                harness.clock.advance(by: .seconds(15))
            }
            let reply = try await harness.store.claim(harness.request())
            let events = reply.deliveries.map(\.delivery.event) + (try await harness.claimEvents())
            try harness.expectEqual(events, ["evt_2"], "what is claimed")
        },
        Case("A long chain goes in its order to the end") { harness in
            try await harness.register(ordering: .resource)
            for number in 0..<20 { try await harness.publish(EventID(unchecked: "evt_\(number)"), key: "task_1") }
            for number in 0..<20 {
                let claimed = try await harness.claim()
                try harness.expectEqual(claimed.count, 1, "claims at once")
                try harness.expectEqual(claimed.at(0).delivery.event.rawValue, "evt_\(number)", "the event")
                try await harness.settle(claimed.at(0), .succeed)
            }
        },
        Case("Each webhook keeps an order of its own, and only where it asks for one") { harness in
            try await harness.register("wh_1", ordering: .resource)
            try await harness.register("wh_2", ordering: .none)
            try await harness.publish("evt_1", key: "task_1")
            try await harness.publish("evt_2", key: "task_1")
            let claimed = try await harness.claim()
            try harness.expectEqual(claimed.count { $0.webhook.id == "wh_1" }, 1, "claims of wh_1")
            try harness.expectEqual(claimed.count { $0.webhook.id == "wh_2" }, 2, "claims of wh_2")
        },
        Case("A released delivery is still the first of its resource") { harness in
            try await harness.register(ordering: .resource)
            try await harness.publish("evt_1", key: "task_1")
            try await harness.publish("evt_2", key: "task_1")
            let claimed = try await harness.claimOne()
            try await harness.store.release([Release(claimed.lease)])
            try harness.expectEqual(try await harness.claimEvents(), ["evt_1"], "what is claimed")
        },
    ]
}
