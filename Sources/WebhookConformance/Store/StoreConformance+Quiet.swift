internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookRetries
internal import WebhookTesting

extension StoreConformance {
    /// An endpoint that answers 429 or 503 with `Retry-After` is left alone until then.
    static let quietCases: [Case] = [
        Case("Retry-After holds back the whole webhook at no cost, and afterwards a single request goes") { harness in
            try await harness.register()
            try await harness.register("wh_2", account: "acc_2")
            try await harness.publish(count: 20)
            let claimed = try await harness.claim(2)
            try await harness.throttle(claimed.at(0), for: .seconds(60))
            // What was under way says the same, and cannot shorten it.
            try await harness.throttle(claimed.at(1), for: .seconds(30))
            try await harness.publish("evt_other", account: "acc_2")
            let other = try await harness.claim()
            try harness.expectEqual(other.map(\.delivery.event), ["evt_other"], "what is claimed")
            try await harness.settle(other.at(0), .succeed)
            harness.clock.advance(by: .milliseconds(59_999))
            try harness.expectEqual(try await harness.claim().count, 0, "requests a moment before the end")
            harness.clock.advance(by: .milliseconds(1))
            let probe = try await harness.claim()
            try harness.expectEqual(probe.count, 1, "requests afterwards")
            try harness.expectEqual(try probe.at(0).delivery.state.attempts, 0, "attempts of a delivery that waited")
            try await harness.settle(probe.at(0), .succeed)
            try harness.expectEqual(try await harness.claim().count, 2, "requests after a success")
        },
        Case("The quiet is bounded by the host's rule, and the delivery that was answered so keeps its own wait") {
            harness in
            try await harness.register()
            try await harness.publish(count: 2)
            let claimed = try await harness.claim()
            func rules(_ rules: inout DeliveryRules) { rules.health.longestQuiet = .seconds(10) }
            try await harness.throttle(claimed.at(0), for: .seconds(600), rules: rules)
            try await harness.settle(claimed.at(1), .retry(after: .zero), rules: rules)
            let reply = try await harness.store.claim(harness.request(rules: rules))
            try harness.expect(reply.deliveries.isEmpty, "requests go on")
            harness.clock.advance(by: .seconds(10))
            let next = try await harness.claim(rules: rules).map(\.delivery.id)
            try harness.expectEqual(next, [try claimed.at(1).delivery.id], "what goes after the quiet")
        },
        Case("A success of what was under way ends the quiet") { harness in
            try await harness.register()
            try await harness.publish(count: 5)
            let claimed = try await harness.claim(2)
            try await harness.throttle(claimed.at(0), for: .seconds(3600))
            try harness.expectEqual(try await harness.claim().count, 0, "requests in the quiet")
            try await harness.settle(claimed.at(1), .succeed)
            try harness.expect(try await !harness.claim().isEmpty, "nothing goes, though the endpoint takes events")
        },
        Case("Switching a webhook on ends the quiet, and so does another URL") { harness in
            try await harness.register()
            try await harness.publish(count: 5)
            var update = WebhookUpdate()
            update.url = "https://elsewhere.example.com/"
            for change in [nil, update] {
                try await harness.throttle(harness.claimOne(), for: .seconds(3600))
                try harness.expectEqual(try await harness.claim().count, 0, "requests in the quiet")
                if let change {
                    _ = try await harness.store.update("wh_1", account: "acc_1", change)
                } else {
                    _ = try await harness.store.enable("wh_1", account: "acc_1", drain: .atOnce)
                }
            }
            try harness.expect(try await !harness.claim().isEmpty, "nothing goes to another URL")
        },
    ]
}

extension StoreHarness {
    /// Reports 429 with `Retry-After`; the delivery itself waits for as long.
    func throttle(
        _ claimed: ClaimedDelivery, for wait: Duration, rules change: (inout DeliveryRules) -> Void = { _ in }
    ) async throws {
        var rules = Self.rules
        change(&rules)
        let report = settlement(claimed, .retry(after: wait), status: 429, retryAfter: wait)
        guard case .settled? = try await store.settle([report], rules: rules).first else {
            throw ConformanceFailure(description: "the report was refused")
        }
    }
}
