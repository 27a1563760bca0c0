internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookLimits
internal import WebhookRetries
internal import WebhookTesting

extension StoreConformance {
    /// The cases of backing off: a webhook receives no requests until the time in the `Retry-After` of a 429 or 503.
    static let backingOffCases: [Case] = [
        Case("Retry-After pauses the whole webhook at no charge, and then allows a single request") { harness in
            try await harness.register()
            try await harness.register("wh_2", account: "acc_2")
            try await harness.publish(count: 20)
            let claimed = try await harness.claim(2)
            try await harness.throttle(claimed.at(0), for: .seconds(60))
            // A shorter Retry-After of a request that was in flight cannot shorten the back-off.
            try await harness.throttle(claimed.at(1), for: .seconds(30))
            try await harness.publish("evt_other", account: "acc_2")
            let other = try await harness.claim()
            try harness.expectEqual(other.map(\.delivery.eventID), ["evt_other"], "claimed events")
            try await harness.settle(other.at(0), .succeed)
            harness.clock.advance(by: .milliseconds(59_999))
            try harness.expectEqual(try await harness.claim().count, 0, "requests one millisecond before the end")
            harness.clock.advance(by: .milliseconds(1))
            let probe = try await harness.claim()
            try harness.expectEqual(probe.count, 1, "requests after the back-off")
            try harness.expectEqual(try probe.at(0).delivery.state.attempts, 0, "attempts of a waiting delivery")
            try await harness.settle(probe.at(0), .succeed)
            try harness.expectEqual(try await harness.claim().count, 2, "requests after a success")
        },
        Case("The host's rule limits the back-off of the webhook, but not the wait of the delivery") { harness in
            try await harness.register()
            try await harness.publish(count: 2)
            let claimed = try await harness.claim()
            func rules(_ rules: inout DeliveryRules) { rules.health.maximumBackOff = .seconds(10) }
            try await harness.throttle(claimed.at(0), for: .seconds(600), rules: rules)
            try await harness.settle(claimed.at(1), .retry(after: .zero), rules: rules)
            let reply = try await harness.store.claim(harness.request(rules: rules))
            try harness.expect(reply.deliveries.isEmpty, "the webhook does not back off")
            harness.clock.advance(by: .seconds(10))
            let next = try await harness.claim(rules: rules).map(\.delivery.id)
            try harness.expectEqual(next, [try claimed.at(1).delivery.id], "deliveries after the back-off")
        },
        Case("A success of a request that was in flight ends the back-off") { harness in
            try await harness.register()
            try await harness.publish(count: 5)
            let claimed = try await harness.claim(2)
            try await harness.throttle(claimed.at(0), for: .seconds(3600))
            try harness.expectEqual(try await harness.claim().count, 0, "requests during the back-off")
            try await harness.settle(claimed.at(1), .succeed)
            try harness.expect(try await !harness.claim().isEmpty, "the back-off goes on")
        },
        Case("Enabling a webhook or changing its URL ends the back-off") { harness in
            try await harness.register()
            try await harness.publish(count: 5)
            var update = Webhook.Update()
            update.url = "https://elsewhere.example.com/"
            for change in [nil, update] {
                try await harness.throttle(harness.claimOne(), for: .seconds(3600))
                try harness.expectEqual(try await harness.claim().count, 0, "requests during the back-off")
                if let change {
                    _ = try await harness.store.update("wh_1", change, account: "acc_1", limits: .standard)
                } else {
                    _ = try await harness.store.enable(
                        "wh_1", account: "acc_1", backlog: .immediately, limits: .standard)
                }
            }
            try harness.expect(try await !harness.claim().isEmpty, "the back-off goes on at another URL")
        },
    ]
}

extension StoreHarness {
    /// Settles a delivery with 429 and `Retry-After`, and retries it after the same time.
    func throttle(
        _ claimed: ClaimedDelivery, for wait: Duration, rules change: (inout DeliveryRules) -> Void = { _ in }
    ) async throws {
        var rules = Self.rules
        change(&rules)
        let report = settlement(claimed, .retry(after: wait), status: 429, retryAfter: wait)
        guard case .settled? = try await store.settle([report], rules: rules).first else {
            throw ConformanceFailure(description: "the report was rejected")
        }
    }
}
