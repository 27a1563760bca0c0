internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookRetries
internal import WebhookSigning

extension StoreConformance {
    static let webhookCases: [Case] = [
        Case("100 concurrent registrations leave exactly as many webhooks as the limit") { harness in
            let refused = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<100 {
                    group.addTask {
                        do {
                            try await harness.register(WebhookID(unchecked: "wh_\(number)"), limit: 10)
                            return false
                        } catch let error as DeliveryError where error.code == .webhookLimitReached { return true }
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            try harness.expectEqual(refused, 90, "refused registrations")
            try harness.expectEqual(try await harness.store.webhooks(of: "acc_1").count, 10, "webhooks")
        },
        Case("A webhook comes back as it was registered, and its secret with a claim") { harness in
            let webhook = try await harness.register(events: [.taskCreated, .allTaskEvents])
            try harness.expectEqual(try await harness.webhook(), webhook, "the webhook")
            try await harness.publish()
            let claimed = try await harness.claimOne()
            try harness.expectEqual(claimed.secret.reveal(), "a secret for conformance", "the secret")
        },
        Case("Another account can neither see, switch nor delete a webhook") { harness in
            try await harness.register()
            try harness.expect(try await harness.store.webhooks(of: "acc_2").isEmpty, "acc_2 sees a webhook of acc_1")
            let switched = try await harness.store.setState(of: "wh_1", account: "acc_2", to: .disabled)
            try harness.expect(switched == nil, "acc_2 switched a webhook of acc_1")
            try harness.expect(try await !harness.store.delete("wh_1", account: "acc_2"), "acc_2 deleted it")
            try harness.expectEqual(try await harness.webhook().state, .active, "the state")
        },
        Case("Deleting a webhook cancels its open deliveries and keeps their record") { harness in
            try await harness.register()
            try await harness.publish(count: 3)
            let claimed = try await harness.claimOne()
            try harness.expect(try await harness.store.delete("wh_1", account: "acc_1"), "nothing was deleted")
            try harness.expectEqual(try await harness.settle(claimed, .succeed), .fenced, "a report after the deletion")
            let ledger = try await harness.store.ledger(of: "acc_1")
            try harness.expectEqual(ledger.cancelled, 3, "cancelled deliveries")
            try harness.expect(ledger.isBalanced, "the ledger is not balanced: \(ledger)")
            try harness.expect(try await harness.claim().isEmpty, "a deleted webhook was claimed")
        },
        Case("A disabled webhook keeps its deliveries, gets no new ones, and goes on when enabled") { harness in
            try await harness.register()
            try await harness.publish("evt_1")
            _ = try await harness.store.setState(of: "wh_1", account: "acc_1", to: .disabled)
            try harness.expect(try await harness.claim().isEmpty, "a disabled webhook was claimed")
            let receipt = try await harness.publish("evt_2")
            try harness.expectEqual(receipt.entries.map(\.result), [.skipped(.disabled)], "the receipt")
            _ = try await harness.store.setState(of: "wh_1", account: "acc_1", to: .active)
            try harness.expectEqual(try await harness.claim().map(\.delivery.event), ["evt_1"], "after enabling")
        },
        Case("A failed webhook keeps old and new deliveries") { harness in
            try await harness.register()
            _ = try await harness.store.setState(of: "wh_1", account: "acc_1", to: .failed)
            try await harness.publish(count: 2)
            try harness.expect(try await harness.claim().isEmpty, "a failed webhook was claimed")
            _ = try await harness.store.setState(of: "wh_1", account: "acc_1", to: .active)
            try harness.expectEqual(try await harness.claim().count, 2, "deliveries after enabling")
        },
    ]
}
