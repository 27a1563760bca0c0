internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookPayload

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
    ]
}
