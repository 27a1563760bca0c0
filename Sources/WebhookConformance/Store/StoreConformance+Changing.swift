internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookLimits
internal import WebhookRetries
internal import WebhookSigning
internal import WebhookTesting

extension StoreConformance {
    static let changingCases: [Case] = [
        Case("An update changes the given settings, raises the version, and keeps the rest") { harness in
            let before = try await harness.register()
            var update = Webhook.Update()
            update.url = "https://example.com/moved"
            update.timeout = .seconds(7)
            update.rate = .perSecond(3)
            let after = try await harness.store.update("wh_1", update, account: "acc_1", limits: .standard)
            try harness.expectEqual(after?.url, "https://example.com/moved", "the URL")
            try harness.expectEqual(after?.timeout, .seconds(7), "the timeout")
            try harness.expectEqual(after?.requestsPerSecond, 3, "the rate")
            try harness.expectEqual(after?.events, before.events, "the events")
            try harness.expectEqual(after?.headers, before.headers, "the header fields")
            try harness.expectEqual(after?.version, before.version + 1, "the version")
            try harness.expectEqual(try await harness.webhook(), after, "the stored webhook")
        },
        Case("Every setting can be updated and read back") { harness in
            try await harness.register()
            var update = Webhook.Update()
            update.events = [.commentCreated]
            update.format = .taskFlow
            update.headers = CustomHeaders.none
            update.retryPolicy = RetryPolicy(clamping: [.seconds(1)], jitter: 0.05, retryAfterCap: .seconds(9))
            update.ordering = .resource
            _ = try await harness.store.update("wh_1", update, account: "acc_1", limits: .standard)
            let webhook = try await harness.webhook()
            try harness.expectEqual(webhook.events, [.commentCreated], "the events")
            try harness.expectEqual(webhook.format, .taskFlow, "the format")
            try harness.expectEqual(webhook.headers, CustomHeaders.none, "the header fields")
            try harness.expectEqual(webhook.retryPolicy, update.retryPolicy, "the retry policy")
            try harness.expectEqual(webhook.ordering, .resource, "the ordering")
        },
        Case("A new URL does not wait for the circuit breaker of the old one") { harness in
            func rules(_ rules: inout DeliveryRules) { rules.health.breaker.failures = 1 }
            try await harness.register()
            try await harness.publish(count: 2)
            try await harness.settle(
                try await harness.claim(1, rules: rules).at(0), .retry(after: .seconds(60)), rules: rules)
            try harness.expect(try await harness.claim(rules: rules).isEmpty, "the circuit breaker did not open")
            var update = Webhook.Update()
            update.url = "https://example.com/moved"
            _ = try await harness.store.update("wh_1", update, account: "acc_1", limits: .standard)
            try harness.expectEqual(try await harness.claim(rules: rules).count, 1, "requests to the new URL")
        },
        Case("A rate limit can be removed") { harness in
            try await harness.register(rate: 5)
            var update = Webhook.Update()
            update.rate = .unbounded
            let webhook = try await harness.store.update("wh_1", update, account: "acc_1", limits: .standard)
            try harness.expect(webhook?.requestsPerSecond == nil, "the rate limit is still set")
        },
        Case("A claim returns the current webhook, not the webhook at the time of publishing") { harness in
            try await harness.register()
            try await harness.publish()
            var update = Webhook.Update()
            update.url = "https://example.com/moved"
            _ = try await harness.store.update("wh_1", update, account: "acc_1", limits: .standard)
            try harness.expectEqual(try await harness.claimOne().webhook.url, "https://example.com/moved", "the URL")
        },
        Case("Changed event types apply to new events, and do not affect waiting deliveries") { harness in
            try await harness.register(events: [.taskCreated])
            try await harness.publish("evt_1")
            var update = Webhook.Update()
            update.events = [.commentCreated]
            _ = try await harness.store.update("wh_1", update, account: "acc_1", limits: .standard)
            let receipt = try await harness.publish("evt_2")
            try harness.expectEqual(receipt.entries.map(\.result), [.skipped(.notSubscribed)], "the receipt")
            try harness.expectEqual(try await harness.claimEvents(), ["evt_1"], "claimed events")
        },
        Case("A lease lasts for the webhook's timeout plus the lease margin") { harness in
            try await harness.register()
            var update = Webhook.Update()
            update.timeout = .seconds(20)
            _ = try await harness.store.update("wh_1", update, account: "acc_1", limits: .standard)
            try await harness.publish()
            let claimed = try await harness.claimOne()
            try harness.expectEqual(
                claimed.delivery.state.dueAt, harness.clock.now + .seconds(30), "the end of the lease")
        },
        Case("Another account can neither update nor enable a webhook") { harness in
            try await harness.register()
            var update = Webhook.Update()
            update.url = "https://example.com/stolen"
            let updated = try await harness.store.update("wh_1", update, account: "acc_2", limits: .standard)
            let enabled = try await harness.store.enable("wh_1", account: "acc_2", backlog: .discard, limits: .standard)
            try harness.expect(updated == nil && enabled == nil, "acc_2 changed a webhook of acc_1")
            try harness.expectEqual(try await harness.webhook().url, "https://example.com/wh_1", "the URL")
        },
        Case("Calls with an unknown webhook, or another account's, find nothing and change nothing") { harness in
            try await harness.register()
            let (missing, strange) = try await (
                harness.store.webhook("wh_2", account: "acc_1"), harness.store.webhook("wh_1", account: "acc_2")
            )
            try harness.expect(missing == nil, "wh_2 was found")
            try harness.expect(strange == nil, "acc_2 can read a webhook of acc_1")
            let updated = try await harness.store.update("wh_2", Webhook.Update(), account: "acc_1", limits: .standard)
            let disabled = try await harness.store.disable("wh_2", account: "acc_1")
            let secrets = try await harness.store.changeSecrets(of: "wh_2", .activate, account: "acc_1")
            try harness.expect(updated == nil && disabled == nil && secrets == nil, "wh_2 was changed")
            try harness.expect(try await !harness.store.delete("wh_2", account: "acc_1"), "wh_2 was deleted")
        },
        Case("A webhook can be read with its secrets, and shows its current state") { harness in
            let webhook = try await harness.register()
            let registered = try await harness.store.webhook("wh_1", account: "acc_1")
            try harness.expectEqual(registered?.webhook, webhook, "the webhook")
            try harness.expectEqual(registered?.secrets.current.reveal(), "a secret for conformance", "the secret")
            _ = try await harness.store.disable("wh_1", account: "acc_1")
            try harness.expectEqual(try await harness.webhook().status, .disabled, "the state")
        },
        Case("Changing secrets raises the version, so that workers notice") { harness in
            let before = try await harness.register()
            let secret = try WebhookSecret("another secret for conformance")
            _ = try await harness.store.changeSecrets(of: "wh_1", .rotate(to: secret, after: .zero), account: "acc_1")
            try harness.expectEqual(try await harness.webhook().version, before.version + 1, "the version")
        },
        Case("Deleting twice returns false, and a deleted webhook does not count towards the limit") { harness in
            try await harness.register(limit: 1)
            try harness.expect(try await harness.store.delete("wh_1", account: "acc_1"), "the webhook was not deleted")
            try harness.expect(try await !harness.store.delete("wh_1", account: "acc_1"), "it was deleted twice")
            try await harness.register("wh_2", limit: 1)
            try harness.expectEqual(try await harness.store.webhooks(of: "acc_1").map(\.id), ["wh_2"], "webhooks")
        },
        Case("Creating the same webhook twice changes nothing") { harness in
            let webhook = try await harness.register(limit: 1)
            harness.clock.advance(by: .seconds(5))
            try await harness.register(limit: 1)
            try harness.expectEqual(try await harness.webhook(), webhook, "the webhook")
        },
    ]
}
