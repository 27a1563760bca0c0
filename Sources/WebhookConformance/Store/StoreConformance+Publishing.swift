internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookLimits
internal import WebhookPayload
internal import WebhookRetries
internal import WebhookTesting

extension StoreConformance {
    static let publishingCases: [Case] = [
        Case("An event is delivered to matching webhooks; the receipt gives the reason for the others") { harness in
            try await harness.register("wh_1", events: [.taskCreated])
            try await harness.register("wh_2", events: [.commentCreated])
            try await harness.register("wh_3", events: [.allTaskEvents])
            try await harness.register("wh_4", account: "acc_2")
            let receipt = try await harness.publish()
            try harness.expectEqual(receipt.deliveryIDs.count, 2, "deliveries")
            let skipped = receipt.entries.first { $0.webhookID == "wh_2" }
            try harness.expectEqual(skipped?.result, .skipped(.notSubscribed), "the entry of wh_2")
            try harness.expectEqual(try await harness.store.deliveryCounts(of: nil).open, 2, "open deliveries")
        },
        Case("Publishing the same event again changes nothing and returns the same deliveries") { harness in
            try await harness.register()
            let first = try await harness.publish()
            harness.clock.advance(by: .seconds(60))
            let second = try await harness.publish()
            try harness.expect(second.isDuplicate && !first.isDuplicate, "the second publish is not a duplicate")
            try harness.expectEqual(second.deliveryIDs, first.deliveryIDs, "deliveries")
            try harness.expectEqual(try await harness.store.deliveryCounts(of: nil).accepted, 1, "accepted deliveries")
        },
        Case("The same event identifier with different bytes is a conflict, and changes nothing") { harness in
            try await harness.register()
            try await harness.publish(text: "{}")
            do {
                try await harness.publish(text: #"{"a":1}"#)
                throw ConformanceFailure(description: "different bytes were accepted")
            } catch let error as DeliveryError {
                try harness.expectEqual(error.code, .eventConflict, "the error")
            }
            let claimed = try await harness.claimOne()
            try harness.expectEqual(claimed.body, try harness.publication(text: "{}").envelope.bytes, "the body")
        },
        Case("Two accounts can use the same event identifier") { harness in
            try await harness.register("wh_1", account: "acc_1")
            try await harness.register("wh_2", account: "acc_2")
            let one = try await harness.publish(account: "acc_1", text: "{}")
            let other = try await harness.publish(account: "acc_2", text: #"{"a":1}"#)
            try harness.expect(!other.isDuplicate, "the event of acc_2 is a duplicate")
            try harness.expect(Set(one.deliveryIDs).isDisjoint(with: other.deliveryIDs), "deliveries share an ID")
            let bodies = Set(try await harness.claim().map(\.body))
            try harness.expectEqual(bodies.count, 2, "distinct bodies")
        },
        Case("50 concurrent publishes of one event create one delivery") { harness in
            try await harness.register()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<50 { group.addTask { try await harness.publish() } }
                try await group.waitForAll()
            }
            let deliveryCounts = try await harness.store.deliveryCounts(of: nil)
            try harness.expectEqual(deliveryCounts.accepted, 1, "accepted deliveries")
            try harness.expect(deliveryCounts.isBalanced, "the delivery counts are not balanced: \(deliveryCounts)")
        },
        Case("An event without a matching webhook is stored") { harness in
            try harness.expectEqual(try await harness.publish().entries, [], "entries")
            try harness.expect(try await harness.publish().isDuplicate, "the second publish is not a duplicate")
        },
        Case("A repeated publish returns the first receipt, whatever has changed since") { harness in
            try await harness.register("wh_1")
            try await harness.register("wh_2", events: [.commentCreated])
            let first = try await harness.publish()
            _ = try await harness.store.delete("wh_1", account: "acc_1")
            try await harness.register("wh_3")
            let second = try await harness.publish()
            try harness.expectEqual(second.entries, first.entries, "the entries")
            try harness.expectEqual(second.eventID, first.eventID, "the event")
        },
        Case("An event beyond the limit on open deliveries is skipped, and the receipt says so") { harness in
            try await harness.register()
            let limits = ServiceLimits(openDeliveriesPerWebhook: 2)
            for number in 0..<2 { try await harness.publish(EventID(unchecked: "evt_\(number)"), limits: limits) }
            let full = try await harness.publish("evt_2", limits: limits)
            try harness.expectEqual(full.entries.map(\.result), [.skipped(.backlogFull)], "the receipt")
            try await harness.settle(try await harness.claimOne(), .succeed)
            let next = try await harness.publish("evt_3", limits: limits)
            try harness.expectEqual(next.deliveryIDs.count, 1, "deliveries below the limit")
            try harness.expectEqual(try await harness.store.deliveryCounts(of: nil).accepted, 3, "accepted deliveries")
        },
        Case("Every final state of a delivery frees its place under the limit on open deliveries") { harness in
            let limits = ServiceLimits(openDeliveriesPerWebhook: 2)
            try await harness.register()
            for number in 0..<2 { try await harness.publish(EventID(unchecked: "evt_\(number)"), limits: limits) }
            let claimed = try await harness.claim()
            try await harness.settle(claimed.at(0), .giveUp(.exhausted), rules: { $0.health.failure = .never })
            _ = try await harness.store.enable("wh_1", account: "acc_1", backlog: .discard, limits: .standard)
            try await harness.settle(claimed.at(1), .retry(after: .seconds(60)))
            _ = try await harness.store.enable("wh_1", account: "acc_1", backlog: .discard, limits: .standard)
            for number in 2..<4 {
                let receipt = try await harness.publish(EventID(unchecked: "evt_\(number)"), limits: limits)
                try harness.expectEqual(receipt.deliveryIDs.count, 1, "deliveries of evt_\(number)")
            }
        },
        Case("Large and unusual bodies are stored byte for byte") { harness in
            try await harness.register()
            let odd = #"{"a":"\u0000 \"quoted\" \\ é 🙂","b":[1e2,-0.0,12345678901234567890]}"#
            let large = "\"" + String(repeating: "x", count: 2_000_000) + "\""
            for (number, text) in [odd, large].enumerated() {
                let id = EventID(unchecked: "evt_\(number)")
                try await harness.publish(id, text: text)
                let claimed = try await harness.claimOne()
                let published = try harness.publication(id, text: text).envelope.bytes
                try harness.expect(claimed.body == published, "the body of \(id) has changed")
            }
        },
        Case("Publishing an event again does not change the identifier of its delivery") { harness in
            try await harness.register()
            let receipt = try await harness.publish()
            try await harness.publish()
            let claimed = try await harness.claim()
            try harness.expectEqual(claimed.map(\.delivery.id), receipt.deliveryIDs, "claimed deliveries")
        },
    ]
}
