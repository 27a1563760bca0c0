internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookLimits
internal import WebhookRetries
internal import WebhookTesting

extension StoreConformance {
    /// The cases of shares: no account and no class of endpoints uses more of a worker than its share.
    static let sharingCases: [Case] = [
        Case("An account gets at most half of the slots that other accounts leave free on a worker") { harness in
            for number in 1...4 {
                let account = AccountID(unchecked: "acc_\(number)")
                try await harness.register(WebhookID(unchecked: "wh_\(number)"), account: account)
                try await harness.publish(count: 10, account: account)
            }
            var request = harness.request(8)
            request.shares = ClaimRequest.AccountShares(count: 8)
            let reply = try await harness.store.claim(request)
            let counts = Dictionary(grouping: reply.deliveries, by: \.delivery.accountID).mapValues(\.count)
            try harness.expectEqual(counts.count, 4, "accounts with claims")
            try harness.expect(counts.values.allSatisfy { $0 <= 4 }, "an account exceeded its share: \(counts)")
            try harness.expect(reply.deliveries.count <= 8, "the claim exceeded the worker's capacity")
        },
        Case("An account with its full share of a worker gets no claims, and does not delay others") { harness in
            try await harness.register()
            try await harness.register("wh_2", account: "acc_2")
            try await harness.publish(count: 5)
            try await harness.publish("evt_other", account: "acc_2")
            var request = harness.request(8)
            request.shares = ClaimRequest.AccountShares(count: 8)
            for _ in 1...4 { request.shares.occupy(bytes: 10, for: "acc_1") }
            let reply = try await harness.store.claim(request)
            try harness.expectEqual(reply.deliveries.map(\.delivery.eventID), ["evt_other"], "claimed events")
            harness.clock.advance(by: .seconds(1))
            try harness.expectEqual(try await harness.claim().count, 5, "claims of an idle worker")
        },
        Case("A body beyond the account's share of the bytes waits, and does not delay other accounts") { harness in
            try await harness.register()
            try await harness.register("wh_2", account: "acc_2")
            let large = #"{"a":"\#(String(repeating: "x", count: 5000))"}"#
            for number in 0..<3 { try await harness.publish(EventID(unchecked: "evt_large_\(number)"), text: large) }
            harness.clock.advance(by: .milliseconds(1))
            try await harness.publish("evt_other", account: "acc_2")
            let first = try await harness.claim(bytes: 8000)
            try harness.expectEqual(first.map(\.delivery.eventID), ["evt_large_0", "evt_other"], "claimed events")
            harness.clock.advance(by: .seconds(1))
            try harness.expectEqual(try await harness.claim().count, 2, "claims of an idle worker")
        },
        Case("A body larger than its account's share is claimed beside small ones, but as the last") { harness in
            try await harness.register("wh_small", events: [.taskCreated])
            try await harness.register("wh_large", events: [.commentCreated])
            try await harness.publish("evt_small")
            let small = try await harness.claimOne()
            let large = #"{"a":"\#(String(repeating: "x", count: 3000))"}"#
            try await harness.publish("evt_large", type: .commentCreated, text: large)
            harness.clock.advance(by: .milliseconds(1))
            try await harness.publish("evt_smaller")
            var request = harness.request(bytes: 8000)
            request.shares.occupy(bytes: 4000, for: "acc_busy")
            request.shares.occupy(bytes: small.body.count, for: "acc_1")
            let claimed = try await harness.store.claim(request).deliveries
            try harness.expectEqual(claimed.last?.delivery.eventID, "evt_large", "the last claimed event")
        },
        Case("Untried and slow endpoints have their own limits on a worker") { harness in
            try await harness.register("wh_quick")
            try await harness.register("wh_slow", account: "acc_2")
            try await harness.register("wh_new", account: "acc_3")
            try await harness.attempt("acc_1", lasting: .milliseconds(12))
            try await harness.attempt("acc_2", lasting: .seconds(4))
            for account in ["acc_1", "acc_2"] as [AccountID] { try await harness.publish(count: 3, account: account) }
            try await harness.publish(count: 2, account: "acc_3")
            var request = harness.request()
            request.untried = ClaimRequest.Room(count: 3)
            request.slow = ClaimRequest.Room(count: 1)
            let claimed = try await harness.store.claim(request).deliveries
            let counts = Dictionary(grouping: claimed, by: \.delivery.webhookID).mapValues(\.count)
            try harness.expectEqual(counts, ["wh_quick": 3, "wh_slow": 1, "wh_new": 2], "claims per webhook")
            try harness.expectEqual(
                Set(claimed.map { "\($0.delivery.webhookID) \($0.pace)" }),
                ["wh_quick quick", "wh_slow slow", "wh_new untried"], "the pace classes")
            harness.clock.advance(by: .seconds(1))
            try harness.expectEqual(try await harness.claim().count, 2, "claims of an idle worker")
        },
        Case("A delivery that waits for a slot of its pace class causes no immediate new claim") { harness in
            try await harness.register()
            try await harness.publish(count: 4)
            var request = harness.request()
            request.untried = ClaimRequest.Room(count: 1)
            let reply = try await harness.store.claim(request)
            try harness.expectEqual(reply.deliveries.count, 1, "claims with one slot for untried endpoints")
            try harness.expect(reply.nextDueIn != .zero, "the reply asks for another claim immediately")
            request.untried = ClaimRequest.Room(count: 0)
            try harness.expect(try await harness.store.claim(request).deliveries.isEmpty, "the limit was exceeded")
            try await harness.settle(reply.deliveries.at(0), .succeed)
            try harness.expectEqual(try await harness.store.claim(request).deliveries.count, 3, "claims once quick")
        },
        Case("A slow endpoint stays slow for a while, even at a new URL; later a new URL is untried") { harness in
            try await harness.register()
            func pace() async throws -> Webhook.EndpointPace.Class {
                try await harness.webhook().pace.classification(now: harness.clock.now)
            }
            try harness.expectEqual(try await pace(), .untried, "before the first attempt")
            try await harness.attempt("acc_1", lasting: .seconds(2))
            try harness.expectEqual(try await pace(), .slow, "after a slow attempt")
            try await harness.attempt("acc_1", lasting: .milliseconds(5))
            try harness.expectEqual(try await pace(), .slow, "after a quick attempt that follows")
            var update = Webhook.Update()
            update.url = "https://example.com/?1"
            _ = try await harness.store.update("wh_1", update, account: "acc_1", limits: .standard)
            try harness.expectEqual(try await pace(), .slow, "immediately at a new URL")
            harness.clock.advance(by: Webhook.EndpointPace.memory(of: .seconds(2)))
            try harness.expectEqual(try await pace(), .quick, "ten times as long later")
            update.url = "https://example.com/elsewhere"
            _ = try await harness.store.update("wh_1", update, account: "acc_1", limits: .standard)
            try harness.expectEqual(try await pace(), .untried, "at another new URL")
        },
        Case("After each sender fault a delivery waits longer, and uses no attempt") { harness in
            try await harness.register()
            try await harness.publish()
            for wait in [1, 2, 4, 8, 16, 32, 60, 60] {
                let claimed = try await harness.claimOne()
                try harness.expectEqual(claimed.delivery.state.attempts, 0, "used attempts")
                try await harness.store.release([Release(claimed.lease, .senderFault)])
                let state = try await harness.history(claimed.delivery.id).delivery.state
                try harness.expectEqual(state.reason, .senderFault, "the reason")
                try harness.expectEqual(state.dueAt, harness.clock.now + .seconds(wait), "the due time")
                let reply = try await harness.store.claim(harness.request())
                try harness.expect(reply.deliveries.isEmpty, "the delivery did not wait")
                // A store may return an earlier time, for example when the lease would have expired.
                let comesAgain = reply.nextDueIn.map { $0 <= .seconds(wait) } ?? false
                try harness.expect(comesAgain, "the next due time is \(String(describing: reply.nextDueIn))")
                harness.clock.advance(by: .seconds(wait))
            }
            try await harness.settle(try await harness.claimOne(), .retry(after: .seconds(5)))
            let webhook = try await harness.webhook()
            try harness.expectEqual(webhook.quota.used, 1, "charged")
            try harness.expectEqual(webhook.finishedDeliveries, 0, "finished deliveries")
            harness.clock.advance(by: .seconds(5))
            let again = try await harness.claimOne()
            try harness.expectEqual(again.delivery.state.senderFaults, 0, "sender faults in a row after an attempt")
        },
        Case("A test event beyond the in-flight limits is refused, with a time to retry") { harness in
            try await harness.register()
            try await harness.register("wh_2")
            func lease(_ event: EventID, _ change: (inout DeliveryRules) -> Void) async throws -> Timestamp? {
                var rules = StoreHarness.rules
                change(&rules)
                let lease = try await harness.store.lease(test: harness.publication(event), to: "wh_1", rules: rules)
                if case .busy(let until) = lease { return until }
                return nil
            }
            try harness.expect(
                try await lease("evt_1") { $0.maximumInFlightPerWebhook = 2 } == nil, "the first was refused")
            try harness.expect(
                try await lease("evt_2") { $0.maximumInFlightPerWebhook = 2 } == nil, "the second was refused")
            let until = try await lease("evt_3") { $0.maximumInFlightPerWebhook = 2 }
            try harness.expectEqual(until, harness.clock.now + .seconds(1), "the time to retry")
            try harness.expect(
                try await lease("evt_4") { $0.maximumInFlightPerAccount = 2 } != nil, "acc_1 exceeded its limit")
            harness.clock.advance(by: .seconds(15))
            try harness.expect(
                try await lease("evt_5") { $0.maximumInFlightPerWebhook = 2 } == nil, "expired leases count")
        },
        Case("A test event respects its webhook's rate limit") { harness in
            try await harness.register(rate: 1)
            func lease(_ event: EventID) async throws -> Delivery.TestLeaseResult {
                try await harness.store.lease(test: harness.publication(event), to: "wh_1", rules: StoreHarness.rules)
            }
            guard case .leased = try await lease("evt_1") else {
                throw ConformanceFailure(description: "the first test was refused")
            }
            guard case .busy(let until) = try await lease("evt_2") else {
                throw ConformanceFailure(description: "the rate limit was exceeded")
            }
            harness.clock.set(until)
            guard case .leased = try await lease("evt_3") else {
                throw ConformanceFailure(description: "a test was refused when the rate allowed one")
            }
        },
    ]
}

extension StoreHarness {
    /// Publishes an event for an account, and settles a successful attempt of the given duration.
    fileprivate func attempt(_ account: AccountID, lasting duration: Duration) async throws {
        let event = EventID(unchecked: "evt_\(account)_\(clock.now.microseconds)_\(duration.components.attoseconds)")
        try await publish(event, account: account)
        let claimed = try await claim().first { $0.delivery.eventID == event }
        guard let claimed else { throw ConformanceFailure(description: "expected a claimed delivery, got none") }
        let attempt = Attempt(
            number: 1, startedAt: clock.now, duration: duration, statusCode: 200, errorType: nil)
        let report = Settlement(lease: claimed.lease, attempt: attempt, outcome: .success, decision: .succeed)
        _ = try await store.settle([report], rules: Self.rules)
    }
}
