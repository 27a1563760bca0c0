internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookLimits
internal import WebhookPayload
internal import WebhookRetries
internal import WebhookTesting

extension StoreConformance {
    static let publishingCases: [Case] = [
        Case("An event goes to the webhooks that want it, and the receipt says why not to the others") { harness in
            try await harness.register("wh_1", events: [.taskCreated])
            try await harness.register("wh_2", events: [.commentCreated])
            try await harness.register("wh_3", events: [.allTaskEvents])
            try await harness.register("wh_4", account: "acc_2")
            let receipt = try await harness.publish()
            try harness.expectEqual(receipt.deliveries.count, 2, "deliveries")
            let skipped = receipt.entries.first { $0.webhook == "wh_2" }
            try harness.expectEqual(skipped?.result, .skipped(.notSubscribed), "the entry of wh_2")
            try harness.expectEqual(try await harness.store.ledger(of: nil).open, 2, "open deliveries")
        },
        Case("Publishing the same event again changes nothing and gives the same deliveries") { harness in
            try await harness.register()
            let first = try await harness.publish()
            harness.clock.advance(by: .seconds(60))
            let second = try await harness.publish()
            try harness.expect(second.isDuplicate && !first.isDuplicate, "the second publish is no duplicate")
            try harness.expectEqual(second.deliveries, first.deliveries, "deliveries")
            try harness.expectEqual(try await harness.store.ledger(of: nil).accepted, 1, "accepted deliveries")
        },
        Case("The same id with other bytes is a conflict, and changes nothing") { harness in
            try await harness.register()
            try await harness.publish(text: "{}")
            do {
                try await harness.publish(text: #"{"a":1}"#)
                throw ConformanceFailure(description: "other bytes were accepted")
            } catch let error as DeliveryError {
                try harness.expectEqual(error.code, .eventConflict, "the error")
            }
            let claimed = try await harness.claimOne()
            try harness.expectEqual(claimed.body, try harness.publication(text: "{}").envelope.bytes, "the body")
        },
        Case("Two accounts may use the same event id") { harness in
            try await harness.register("wh_1", account: "acc_1")
            try await harness.register("wh_2", account: "acc_2")
            let one = try await harness.publish(account: "acc_1", text: "{}")
            let other = try await harness.publish(account: "acc_2", text: #"{"a":1}"#)
            try harness.expect(!other.isDuplicate, "the other account's event counts as a duplicate")
            try harness.expect(Set(one.deliveries).isDisjoint(with: other.deliveries), "deliveries share a name")
            let bodies = Set(try await harness.claim().map(\.body))
            try harness.expectEqual(bodies.count, 2, "different bodies")
        },
        Case("50 concurrent publishes of one event make one delivery") { harness in
            try await harness.register()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<50 { group.addTask { try await harness.publish() } }
                try await group.waitForAll()
            }
            let ledger = try await harness.store.ledger(of: nil)
            try harness.expectEqual(ledger.accepted, 1, "accepted deliveries")
            try harness.expect(ledger.isBalanced, "the ledger is not balanced: \(ledger)")
        },
        Case("An event that nobody wants is remembered") { harness in
            try harness.expectEqual(try await harness.publish().entries, [], "entries")
            try harness.expect(try await harness.publish().isDuplicate, "the second publish is no duplicate")
        },
        Case("The receipt of a repeated event is the first one, whatever has changed since") { harness in
            try await harness.register("wh_1")
            try await harness.register("wh_2", events: [.commentCreated])
            let first = try await harness.publish()
            _ = try await harness.store.delete("wh_1", account: "acc_1")
            try await harness.register("wh_3")
            let second = try await harness.publish()
            try harness.expectEqual(second.entries, first.entries, "the entries")
            try harness.expectEqual(second.event, first.event, "the event")
        },
        Case(
            "Beyond the backlog's bound an event makes no delivery, and the receipt says so; room makes it possible again"
        ) {
            harness in
            try await harness.register()
            let limits = WebhookLimits(openDeliveriesPerWebhook: 2)
            for number in 0..<2 { try await harness.publish(EventID(unchecked: "evt_\(number)"), limits: limits) }
            let full = try await harness.publish("evt_2", limits: limits)
            try harness.expectEqual(full.entries.map(\.result), [.skipped(.backlogFull)], "the receipt")
            try await harness.settle(try await harness.claimOne(), .succeed)
            let next = try await harness.publish("evt_3", limits: limits)
            try harness.expectEqual(next.deliveries.count, 1, "deliveries when there is room")
            try harness.expectEqual(try await harness.store.ledger(of: nil).accepted, 3, "accepted deliveries")
        },
        Case("Every way to end makes room in the backlog") { harness in
            let limits = WebhookLimits(openDeliveriesPerWebhook: 2)
            try await harness.register()
            for number in 0..<2 { try await harness.publish(EventID(unchecked: "evt_\(number)"), limits: limits) }
            let claimed = try await harness.claim()
            try await harness.settle(claimed.at(0), .giveUp(.exhausted), rules: { $0.health.failure = .never })
            _ = try await harness.store.enable("wh_1", account: "acc_1", drain: .discard)
            try await harness.settle(claimed.at(1), .retry(after: .seconds(60)))
            _ = try await harness.store.enable("wh_1", account: "acc_1", drain: .discard)
            for number in 2..<4 {
                let receipt = try await harness.publish(EventID(unchecked: "evt_\(number)"), limits: limits)
                try harness.expectEqual(receipt.deliveries.count, 1, "deliveries of evt_\(number)")
            }
        },
        Case("Large and odd bodies come back byte for byte") { harness in
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
        Case("A delivery has one name, however often its event is published") { harness in
            try await harness.register()
            let receipt = try await harness.publish()
            try await harness.publish()
            let claimed = try await harness.claim()
            try harness.expectEqual(claimed.map(\.delivery.id), receipt.deliveries, "what is claimed")
        },
    ]
}
