internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookLimits
internal import WebhookRetries
internal import WebhookTesting

extension StoreConformance {
    /// No account and no kind of endpoint takes more of a worker than its share.
    static let sharingCases: [Case] = [
        Case("An account gets at most half of what the others leave of a worker, and the next one still finds some") {
            harness in
            for number in 1...4 {
                let account = AccountID(unchecked: "acc_\(number)")
                try await harness.register(WebhookID(unchecked: "wh_\(number)"), account: account)
                try await harness.publish(count: 10, account: account)
            }
            var request = harness.request(8)
            request.shares = AccountShares(count: 8)
            let reply = try await harness.store.claim(request)
            let counts = Dictionary(grouping: reply.deliveries, by: \.delivery.account).mapValues(\.count)
            try harness.expectEqual(counts.count, 4, "accounts that got something")
            try harness.expect(counts.values.allSatisfy { $0 <= 4 }, "an account got more than half: \(counts)")
            try harness.expect(reply.deliveries.count <= 8, "more was given than the worker has room for")
        },
        Case("An account that holds its share of a worker gets nothing, and holds up no other") { harness in
            try await harness.register()
            try await harness.register("wh_2", account: "acc_2")
            try await harness.publish(count: 5)
            try await harness.publish("evt_other", account: "acc_2")
            var request = harness.request(8)
            request.shares = AccountShares(count: 8)
            for _ in 1...4 { request.shares.occupy(bytes: 10, for: "acc_1") }
            let reply = try await harness.store.claim(request)
            try harness.expectEqual(reply.deliveries.map(\.delivery.event), ["evt_other"], "what is claimed")
            harness.clock.advance(by: .seconds(1))
            try harness.expectEqual(try await harness.claim().count, 5, "claims of a worker that has room")
        },
        Case("A body beyond an account's share of the bytes waits, and holds up no other account") { harness in
            try await harness.register()
            try await harness.register("wh_2", account: "acc_2")
            let large = #"{"a":"\#(String(repeating: "x", count: 5000))"}"#
            for number in 0..<3 { try await harness.publish(EventID(unchecked: "evt_large_\(number)"), text: large) }
            harness.clock.advance(by: .milliseconds(1))
            try await harness.publish("evt_other", account: "acc_2")
            let first = try await harness.claim(bytes: 8000)
            try harness.expectEqual(first.map(\.delivery.event), ["evt_large_0", "evt_other"], "what is claimed")
            harness.clock.advance(by: .seconds(1))
            try harness.expectEqual(try await harness.claim().count, 2, "claims of a worker that has room")
        },
        Case("A body that is larger than its account's share goes beside small ones, and nothing more after it") {
            harness in
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
            try harness.expectEqual(claimed.last?.delivery.event, "evt_large", "what is claimed last")
        },
        Case("Endpoints that are not known to answer soon have their own room, and slow ones less of it") { harness in
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
            let counts = Dictionary(grouping: claimed, by: \.delivery.webhook).mapValues(\.count)
            try harness.expectEqual(counts, ["wh_quick": 3, "wh_slow": 1, "wh_new": 2], "what is claimed")
            try harness.expectEqual(
                Set(claimed.map { "\($0.delivery.webhook) \($0.pace)" }),
                ["wh_quick quick", "wh_slow slow", "wh_new untried"], "the paces")
            harness.clock.advance(by: .seconds(1))
            try harness.expectEqual(try await harness.claim().count, 2, "claims of a worker that has room")
        },
        Case("What waits for a place of its class asks for no other claim, and goes at once when the endpoint is quick")
        {
            harness in
            try await harness.register()
            try await harness.publish(count: 4)
            var request = harness.request()
            request.untried = ClaimRequest.Room(count: 1)
            let reply = try await harness.store.claim(request)
            try harness.expectEqual(reply.deliveries.count, 1, "what is claimed while one untried endpoint has a place")
            try harness.expect(reply.nextDueIn != .zero, "the worker is to come again at once")
            request.untried = ClaimRequest.Room(count: 0)
            try harness.expect(try await harness.store.claim(request).deliveries.isEmpty, "the class was overrun")
            try await harness.settle(reply.deliveries.at(0), .succeed)
            try harness.expectEqual(try await harness.store.claim(request).deliveries.count, 3, "what is claimed then")
        },
        Case("A slow endpoint counts as slow for a while, whatever its URL, and then a new URL makes it untried") {
            harness in
            try await harness.register()
            func pace() async throws -> EndpointPace.Class {
                try await harness.webhook().pace.classification(at: harness.clock.now)
            }
            try harness.expectEqual(try await pace(), .untried, "before the first attempt")
            try await harness.attempt("acc_1", lasting: .seconds(2))
            try harness.expectEqual(try await pace(), .slow, "after a slow attempt")
            try await harness.attempt("acc_1", lasting: .milliseconds(5))
            try harness.expectEqual(try await pace(), .slow, "after a quick one that follows")
            var update = WebhookUpdate()
            update.url = "https://example.com/?1"
            _ = try await harness.store.update("wh_1", account: "acc_1", update)
            try harness.expectEqual(try await pace(), .slow, "at a new URL, at once")
            harness.clock.advance(by: EndpointPace.memory(of: .seconds(2)))
            try harness.expectEqual(try await pace(), .quick, "ten times as long later")
            update.url = "https://example.com/elsewhere"
            _ = try await harness.store.update("wh_1", account: "acc_1", update)
            try harness.expectEqual(try await pace(), .untried, "at a new URL")
        },
        Case("After a fault of the sender's own a delivery waits longer each time, and loses no attempt") { harness in
            try await harness.register()
            try await harness.publish()
            for wait in [1, 2, 4, 8, 16, 32, 60, 60] {
                let claimed = try await harness.claimOne()
                try harness.expectEqual(claimed.delivery.state.attempts, 0, "attempts used up")
                try await harness.store.release([Release(claimed.lease, .senderFault)])
                let state = try await harness.history(claimed.delivery.id).delivery.state
                try harness.expectEqual(state.reason, .senderFault, "why it waits")
                try harness.expectEqual(state.dueAt, harness.clock.now + .seconds(wait), "when it is due")
                let reply = try await harness.store.claim(harness.request())
                try harness.expect(reply.deliveries.isEmpty, "it did not wait")
                // A store may look earlier, for example when the lease would have ended.
                let comesAgain = reply.nextDueIn.map { $0 <= .seconds(wait) } ?? false
                try harness.expect(comesAgain, "it comes again after \(String(describing: reply.nextDueIn))")
                harness.clock.advance(by: .seconds(wait))
            }
            try await harness.settle(try await harness.claimOne(), .retry(after: .seconds(5)))
            let webhook = try await harness.webhook()
            try harness.expectEqual(webhook.quota.used, 1, "charged")
            try harness.expectEqual(webhook.finishedDeliveries, 0, "finished deliveries")
            harness.clock.advance(by: .seconds(5))
            let again = try await harness.claimOne()
            try harness.expectEqual(again.delivery.state.setbacks, 0, "faults in a row after an attempt")
        },
        Case("A test is refused, with a time, while its webhook or account has its cap in flight") { harness in
            try await harness.register()
            try await harness.register("wh_2")
            func lease(_ event: EventID, _ change: (inout DeliveryRules) -> Void) async throws -> Timestamp? {
                var rules = StoreHarness.rules
                change(&rules)
                let lease = try await harness.store.lease(test: harness.publication(event), to: "wh_1", rules: rules)
                if case .busy(let until) = lease { return until }
                return nil
            }
            try harness.expect(try await lease("evt_1") { $0.perWebhook = 2 } == nil, "the first was refused")
            try harness.expect(try await lease("evt_2") { $0.perWebhook = 2 } == nil, "the second was refused")
            let until = try await lease("evt_3") { $0.perWebhook = 2 }
            try harness.expectEqual(until, harness.clock.now + .seconds(1), "the webhook's cap")
            try harness.expect(try await lease("evt_4") { $0.perAccount = 2 } != nil, "the account's cap was overrun")
            harness.clock.advance(by: .seconds(15))
            try harness.expect(try await lease("evt_5") { $0.perWebhook = 2 } == nil, "leases that ended count")
        },
        Case("A test keeps to its webhook's rate") { harness in
            try await harness.register(rate: 1)
            func lease(_ event: EventID) async throws -> TestLease {
                try await harness.store.lease(test: harness.publication(event), to: "wh_1", rules: StoreHarness.rules)
            }
            guard case .leased = try await lease("evt_1") else {
                throw ConformanceFailure(description: "the first test was refused")
            }
            guard case .busy(let until) = try await lease("evt_2") else {
                throw ConformanceFailure(description: "the rate was overrun")
            }
            harness.clock.set(until)
            guard case .leased = try await lease("evt_3") else {
                throw ConformanceFailure(description: "a test was refused when the rate allowed one")
            }
        },
    ]
}

extension StoreHarness {
    /// Makes an attempt of an account's next event that lasts for a while, and succeeds.
    fileprivate func attempt(_ account: AccountID, lasting duration: Duration) async throws {
        let event = EventID(unchecked: "evt_\(account)_\(clock.now.microseconds)_\(duration.components.attoseconds)")
        try await publish(event, account: account)
        let claimed = try await claim().first { $0.delivery.event == event }
        guard let claimed else { throw ConformanceFailure(description: "nothing to claim") }
        let attempt = Attempt(
            number: 1, startedAt: clock.now, duration: duration, statusCode: 200, errorType: nil)
        let report = Settlement(lease: claimed.lease, attempt: attempt, outcome: .success, decision: .succeed)
        _ = try await store.settle([report], rules: Self.rules)
    }
}
