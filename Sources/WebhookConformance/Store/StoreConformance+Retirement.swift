internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookLimits
internal import WebhookRetries
internal import WebhookTesting

extension StoreConformance {
    static let retirementCases: [Case] = [
        Case("Annotations, the expiry, and who may steer are stored, updated and returned") { harness in
            let annotations = try Webhook.Annotations(
                description: "Sends \"tasks\" to the billing system: é 🚀",
                metadata: ["team": "billing", "a.b": "", "url": "x=1&y"])
            let expiry = harness.clock.now + .seconds(3600)
            try await harness.register(annotations: annotations, expiresAt: expiry)
            let kept = try await harness.webhook()
            try harness.expectEqual(kept.annotations, annotations, "annotations")
            try harness.expectEqual(kept.expiresAt, expiry, "the expiry")
            try harness.expectEqual(kept.updatedAt, kept.createdAt, "the time of the last change")
            harness.clock.advance(by: .seconds(10))
            var update = Webhook.Update()
            (update.annotations, update.expiry, update.allowsSteering, update.sendsTraceContext) = (
                Webhook.Annotations.none, .never, true, true
            )
            _ = try await harness.store.update("wh_1", update, account: "acc_1", limits: .standard)
            let changed = try await harness.webhook()
            try harness.expectEqual(changed.annotations, .none, "the annotations")
            try harness.expectEqual(changed.expiresAt, nil, "the expiry")
            try harness.expect(changed.allowsSteering && changed.sendsTraceContext, "the switches are off")
            try harness.expectEqual(changed.updatedAt, harness.clock.now, "the time of the change")
        },
        Case("A webhook says why it is not active, and since when") { harness in
            try await harness.register()
            try harness.expectEqual(try await harness.webhook().statusReason, nil, "the reason of an active webhook")
            harness.clock.advance(by: .seconds(5))
            _ = try await harness.store.disable("wh_1", account: "acc_1")
            try harness.expectEqual(try await harness.webhook().statusReason, .owner, "the reason")
            try harness.expectEqual(try await harness.webhook().statusSince, harness.clock.now, "the time")
            _ = try await harness.store.enable("wh_1", account: "acc_1", backlog: .immediately, limits: .standard)
            try harness.expectEqual(try await harness.webhook().statusReason, nil, "the reason after enabling")
            try await harness.retire("wh_1")
            try harness.expectEqual(try await harness.webhook().statusReason, .gone, "the reason after 410")
            _ = try await harness.store.disable("wh_1", account: "acc_1")
            try harness.expectEqual(
                try await harness.webhook().statusReason, .owner, "the reason after its owner disabled it")
        },
        Case("An expired webhook gets neither events nor requests") { harness in
            try await harness.register(expiresAt: harness.clock.now + .seconds(60))
            try await harness.publish("evt_1")
            harness.clock.advance(by: .seconds(60))
            try harness.expectEqual(try await harness.claim().count, 0, "claimed deliveries")
            let receipt = try await harness.publish("evt_2")
            try harness.expectEqual(receipt.entries.map(\.result), [.skipped(.expired)], "the receipt")
            var update = Webhook.Update()
            update.expiry = .never
            _ = try await harness.store.update("wh_1", update, account: "acc_1", limits: .standard)
            try harness.expectEqual(try await harness.claimEvents(), ["evt_1"], "claimed events after the extension")
        },
        Case("Webhooks that answered 410 or have expired leave the account's limit after the grace time") { harness in
            let limits = ServiceLimits(webhooksPerAccount: 2, registrationsPerDay: 1000, retirementGrace: .seconds(100))
            try await harness.register("wh_1", limits: limits)
            try await harness.register("wh_2", expiresAt: harness.clock.now + .seconds(10), limits: limits)
            try await harness.publish()
            try await harness.retire("wh_1", publishes: false)
            harness.clock.advance(by: .seconds(50))
            try await harness.expectFull(limits, "within the grace time")
            harness.clock.advance(by: .seconds(61))
            for id in ["wh_3", "wh_4"] { try await harness.register(WebhookID(unchecked: id), limits: limits) }
            try await harness.expectFull(limits, "with two new webhooks")
            // A retired webhook does not come back over the limit.
            for backlog in [Webhook.BacklogPolicy.immediately, .discard] {
                do {
                    _ = try await harness.store.enable("wh_1", account: "acc_1", backlog: backlog, limits: limits)
                    throw ConformanceFailure(description: "a third webhook was enabled")
                } catch let error as LimitError {
                    try harness.expectEqual(error.code, .webhooksPerAccount, "the error")
                }
            }
            var update = Webhook.Update()
            update.expiry = .never
            do {
                _ = try await harness.store.update("wh_2", update, account: "acc_1", limits: limits)
                throw ConformanceFailure(description: "a third webhook no longer expires")
            } catch let error as LimitError {
                try harness.expectEqual(error.code, .webhooksPerAccount, "the error")
            }
            _ = try await harness.store.delete("wh_3", account: "acc_1")
            _ = try await harness.store.enable("wh_1", account: "acc_1", backlog: .immediately, limits: limits)
            try harness.expectEqual(try await harness.webhook("wh_1").status, .active, "the status with room")
        },
        Case("Retired webhooks are found by the time of their end, and can be deleted") { harness in
            try await harness.register("wh_1")
            try await harness.register("wh_2", expiresAt: harness.clock.now + .seconds(10))
            try await harness.register("wh_3", account: "acc_2")
            _ = try await harness.store.disable("wh_3", account: "acc_2")
            try await harness.publish()
            try await harness.retire("wh_1", publishes: false)
            harness.clock.advance(by: .seconds(20))
            let now = harness.clock.now
            func found(_ moment: Timestamp, _ limit: Int = 10) async throws -> [WebhookID] {
                try await harness.store.retiredWebhooks(before: moment, limit: limit).map(\.webhookID).sorted {
                    $0 < $1
                }
            }
            try harness.expectEqual(try await found(now - .seconds(30)), [], "before all ends")
            try harness.expectEqual(try await found(now - .seconds(15)), ["wh_1"], "after the first end")
            try harness.expectEqual(try await found(now), ["wh_1", "wh_2"], "now")
            try harness.expectEqual(try await found(now, 1).count, 1, "up to the limit")
            for key in try await harness.store.retiredWebhooks(before: now, limit: 10) {
                _ = try await harness.store.delete(key.webhookID, account: key.accountID)
            }
            try harness.expectEqual(try await found(now), [], "after deletion")
        },
        Case("Discarding a backlog cancels what waits, and leaves the webhook as it is") { harness in
            try await harness.register()
            try await harness.publish(count: 3)
            let claimed = try await harness.claimOne()
            _ = try await harness.store.disable("wh_1", account: "acc_1")
            let webhook = try await harness.store.discardBacklog(of: "wh_1", account: "acc_1")
            try harness.expectEqual(webhook?.status, .disabled, "the status")
            let states = try await harness.store.deliveries(Delivery.Query(accountID: "acc_1"))
                .map(\.delivery.state.status.rawValue).sorted()
            try harness.expectEqual(states, ["cancelled", "cancelled", "leased"], "the deliveries")
            try await harness.settle(claimed, .succeed)
            try harness.expect(
                try await harness.store.discardBacklog(of: "wh_1", account: "acc_2") == nil,
                "another account discarded it")
        },
        Case("An endpoint that asks for it stops its webhook with the attempt, whatever the outcome") { harness in
            for (number, decision) in [RetryDecision.succeed, .giveUp(.aborted)].enumerated() {
                let id = WebhookID(unchecked: "wh_\(number)")
                try await harness.register(id)
                try await harness.publish(EventID(unchecked: "evt_\(number)"))
                guard let claimed = try await harness.claim().first(where: { $0.webhook.id == id }) else {
                    throw ConformanceFailure(description: "expected a claimed delivery, got none")
                }
                let report = harness.settlement(claimed, decision, status: decision == .succeed ? 200 : 500)
                let results = try await harness.store.settle(
                    [
                        Settlement(
                            lease: report.lease, attempt: report.attempt, outcome: report.outcome, decision: decision,
                            stopsWebhook: true)
                    ], rules: StoreHarness.rules)
                try harness.expectEqual(results, [.settled(.disabledByEndpoint)], "the result")
                let webhook = try await harness.webhook(id)
                try harness.expectEqual(webhook.status, .disabled, "the status")
                try harness.expectEqual(webhook.statusReason, .endpoint, "the reason")
                let state = try await harness.delivery(claimed.delivery.id).delivery.state
                try harness.expectEqual(state.reason, decision == .succeed ? nil : .aborted, "the delivery's reason")
                _ = try await harness.store.delete(id, account: "acc_1")
            }
        },
    ]
}

extension StoreHarness {
    /// Lets a webhook's endpoint answer 410.
    fileprivate func retire(_ id: WebhookID, publishes: Bool = true) async throws {
        if publishes { try await publish(EventID(unchecked: "evt_of_\(id.rawValue)")) }
        let deliveries = try await claim()
        try expect(deliveries.contains { $0.webhook.id == id }, "no delivery of \(id) is claimed")
        for claimed in deliveries {
            try await settle(
                claimed, claimed.webhook.id == id ? .giveUp(.gone) : .succeed, isGone: claimed.webhook.id == id)
        }
    }

    private func settle(_ claimed: ClaimedDelivery, _ decision: RetryDecision, isGone: Bool) async throws {
        let report = settlement(claimed, decision, status: isGone ? 410 : 200)
        _ = try await store.settle([report], rules: Self.rules)
    }

    /// Fails unless the account has as many webhooks as it may have.
    fileprivate func expectFull(_ limits: ServiceLimits, _ when: String) async throws {
        do {
            try await register("wh_over", limits: limits)
            throw ConformanceFailure(description: "one webhook too many was registered \(when)")
        } catch let error as LimitError {
            try expectEqual(error.code, .webhooksPerAccount, "the error \(when)")
        }
    }
}
