internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookLimits
internal import WebhookRetries
internal import WebhookSigning
internal import WebhookTesting

extension StoreConformance {
    static let webhookCases: [Case] = [
        Case("100 concurrent registrations create exactly as many webhooks as the limit allows") { harness in
            let refused = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<100 {
                    group.addTask {
                        do {
                            try await harness.register(WebhookID(unchecked: "wh_\(number)"), limit: 10)
                            return false
                        } catch let error as LimitError where error.code == .webhooksPerAccount { return true }
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            try harness.expectEqual(refused, 90, "refused registrations")
            try harness.expectEqual(try await harness.store.webhooks(of: "acc_1").count, 10, "webhooks")
        },
        Case("A webhook is read back as registered, and a claim includes its secret") { harness in
            let webhook = try await harness.register(events: [.taskCreated, .allTaskEvents])
            try harness.expectEqual(try await harness.webhook(), webhook, "the webhook")
            try await harness.publish()
            let claimed = try await harness.claimOne()
            try harness.expectEqual(claimed.secrets.current.reveal(), "a secret for conformance", "the secret")
        },
        Case("A claim includes the state of a rotation, and only the owner can rotate secrets") { harness in
            try await harness.register()
            try await harness.publish()
            let new = try WebhookSecret("a secret to come for conformance")
            let stranger = try await harness.store.changeSecrets(of: "wh_1", .activate, account: "acc_2")
            try harness.expect(stranger == nil, "acc_2 rotated a webhook of acc_1")
            let rotated = try await harness.store.changeSecrets(
                of: "wh_1", .rotate(to: new, after: .seconds(60)), account: "acc_1")
            try harness.expectEqual(rotated?.pending?.secret.reveal(), new.reveal(), "the pending secret")
            let claimed = try await harness.claimOne().secrets
            try harness.expectEqual(claimed.current.reveal(), "a secret for conformance", "the current secret")
            try harness.expectEqual(claimed.pending?.at, harness.clock.now + .seconds(60), "the time of the change")
            do {
                _ = try await harness.store.changeSecrets(
                    of: "wh_1", .rotate(to: new, after: .seconds(60)), account: "acc_1")
                try harness.expect(false, "a second secret became pending")
            } catch let error as SigningError { try harness.expectEqual(error.code, .rotationPending, "the error") }
            let activated = try await harness.store.changeSecrets(of: "wh_1", .activate, account: "acc_1")
            try harness.expectEqual(activated?.current.reveal(), new.reveal(), "the activated secret")
            try harness.expectEqual(
                activated?.previous.first?.secret.reveal(), "a secret for conformance", "the previous secret")
        },
        Case("Another account can neither list, disable nor delete a webhook") { harness in
            try await harness.register()
            try harness.expect(try await harness.store.webhooks(of: "acc_2").isEmpty, "acc_2 lists a webhook of acc_1")
            let switched = try await harness.store.disable("wh_1", account: "acc_2")
            try harness.expect(switched == nil, "acc_2 disabled a webhook of acc_1")
            try harness.expect(try await !harness.store.delete("wh_1", account: "acc_2"), "acc_2 deleted wh_1")
            try harness.expectEqual(try await harness.webhook().status, .active, "the state")
        },
        Case("Deleting a webhook cancels its open deliveries, and keeps their history") { harness in
            try await harness.register()
            try await harness.publish(count: 3)
            let claimed = try await harness.claimOne()
            try harness.expectEqual(
                try await harness.store.delete("wh_1", account: "acc_1"), true, "`delete` of an existing webhook")
            try harness.expectEqual(try await harness.settle(claimed, .succeed), .fenced, "a report after the deletion")
            let deliveryCounts = try await harness.store.deliveryCounts(of: "acc_1")
            try harness.expectEqual(deliveryCounts.cancelled, 3, "cancelled deliveries")
            try harness.expect(deliveryCounts.isBalanced, "the delivery counts are not balanced: \(deliveryCounts)")
            try harness.expect(try await harness.claim().isEmpty, "a delivery of a deleted webhook was claimed")
        },
        Case("A disabled webhook keeps its backlog, gets no new deliveries, and continues when enabled") { harness in
            try await harness.register()
            try await harness.publish("evt_1")
            _ = try await harness.store.disable("wh_1", account: "acc_1")
            try harness.expect(try await harness.claim().isEmpty, "a delivery of a disabled webhook was claimed")
            let receipt = try await harness.publish("evt_2")
            try harness.expectEqual(receipt.entries.map(\.result), [.skipped(.disabled)], "the receipt")
            _ = try await harness.store.enable("wh_1", account: "acc_1", backlog: .immediately, limits: .standard)
            try harness.expectEqual(try await harness.claim().map(\.delivery.eventID), ["evt_1"], "claims once enabled")
        },
        Case("Disabling and enabling return the webhook; no readable webhook is reported as unreadable") { harness in
            try await harness.register()
            let disabled = try await harness.store.disable("wh_1", account: "acc_1")
            try harness.expectEqual(disabled?.status, .disabled, "the result of `disable`")
            let enabled = try await harness.store.enable(
                "wh_1", account: "acc_1", backlog: .immediately, limits: .standard)
            try harness.expectEqual(enabled?.status, .active, "the result of `enable`")
            let other = try await harness.store.disable("wh_1", account: "acc_2")
            try harness.expectEqual(other?.id, nil, "the result of `disable` for another account")
            try harness.expectEqual(
                try await harness.store.unreadableWebhooks(of: "acc_1"), [], "the result of `unreadableWebhooks`")
        },
        Case("A release that may wait for its account is accepted, and not returned as busy") { harness in
            try await harness.register()
            try await harness.publish()
            let claimed = try await harness.claimOne()
            let busy = try await harness.store.release([Release(claimed.lease, .notStarted)], mayWait: true)
            try harness.expectEqual(busy, [], "the result of `release`")
            try harness.expectEqual(try await harness.claim().count, 1, "claims after the release")
        },
        Case("A failed webhook keeps its open deliveries, and still gets new ones") { harness in
            try await harness.register()
            try await harness.publish("evt_last")
            try await harness.settle(try await harness.claimOne(), .giveUp(.exhausted))
            try await harness.publish(count: 2)
            try harness.expect(try await harness.claim().isEmpty, "a delivery of a failed webhook was claimed")
            _ = try await harness.store.enable("wh_1", account: "acc_1", backlog: .immediately, limits: .standard)
            try harness.expectEqual(
                try await harness.claim().count, 1, "claims at once, as it starts with a single request")
        },
    ]
}
