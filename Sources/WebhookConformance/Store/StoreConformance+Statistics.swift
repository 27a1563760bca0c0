internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookLimits
internal import WebhookRetries
internal import WebhookTesting

extension StoreConformance {
    static let statisticsCases: [Case] = [
        Case("Deliveries can be queried by phase") { harness in
            try await harness.createDeliveryInEachPhase()
            for phase in Delivery.Phase.allCases where phase != .rejected {
                let found = try await harness.store.deliveries(Delivery.Query(accountID: "acc_1", phases: [phase]))
                try harness.expectEqual(found.map(\.delivery.state.phase), [phase], "deliveries in \(phase)")
            }
            let open = try await harness.store.deliveries(
                Delivery.Query(accountID: "acc_1", phases: Delivery.Phase.open))
            try harness.expectEqual(open.count, 4, "open deliveries")
            let two = Delivery.Query(accountID: "acc_1", phases: [.delivered, .failed])
            try harness.expectEqual(try await harness.store.deliveries(two).count, 2, "deliveries of two phases")
        },
        Case("Deliveries can be queried by event type, ordering key and time of creation") { harness in
            try await harness.register(ordering: .resource)
            try await harness.publish("evt_1", key: "task_1")
            harness.clock.advance(by: .seconds(10))
            let then = harness.clock.now
            try await harness.publish("evt_2", type: .commentCreated, key: "task_1")
            try await harness.publish("evt_3", key: "task_2")
            func found(_ change: (inout Delivery.Query) -> Void) async throws -> [String] {
                var query = Delivery.Query(accountID: "acc_1")
                change(&query)
                return try await harness.store.deliveries(query).map(\.delivery.eventID.rawValue).sorted()
            }
            try harness.expectEqual(try await found { $0.type = .commentCreated }, ["evt_2"], "comments")
            try harness.expectEqual(try await found { $0.orderingKey = "task_1" }, ["evt_1", "evt_2"], "of task_1")
            try harness.expectEqual(try await found { $0.since = then }, ["evt_2", "evt_3"], "from then on")
            try harness.expectEqual(try await found { $0.until = then }, ["evt_1"], "before then")
            try harness.expectEqual(
                try await found { ($0.orderingKey, $0.phases) = ("task_1", Delivery.Phase.open) }, ["evt_1", "evt_2"],
                "open deliveries of task_1")
        },
        Case("Statistics count attempts, outcomes of deliveries, and causes of failures") { harness in
            try await harness.register()
            try await harness.publish(count: 3)
            try await harness.settle(try await harness.claimOne(), .succeed)
            try await harness.settle(try await harness.claimOne(), .giveUp(.exhausted))
            try await harness.settle(try await harness.claimOne(), .retry(after: .seconds(5)))
            harness.clock.advance(by: .seconds(3600))
            try await harness.settle(try await harness.claimOne(), .succeed)
            let statistics = try await harness.statistics()
            try harness.expectEqual(statistics.total.attempts, 4, "attempts")
            try harness.expectEqual(statistics.total.finishedDeliveries, 3, "finished deliveries")
            try harness.expectEqual(statistics.total.succeededDeliveries, 2, "succeeded deliveries")
            try harness.expectEqual(statistics.total.causes, ["500": 2], "causes")
            try harness.expectEqual(statistics.total.latency.count, 4, "latencies")
            try harness.expectEqual(statistics.total.latency.percentile(0.99), .milliseconds(12), "the longest latency")
            try harness.expectEqual(statistics.steps.map(\.attempts).suffix(2), [3, 1], "attempts per hour")
        },
        Case("Statistics exclude other webhooks, other accounts, other times and tests") { harness in
            try await harness.register("wh_1")
            try await harness.register("wh_2")
            try await harness.publish()
            for _ in 0..<2 { try await harness.settle(try await harness.claimOne(), .succeed) }
            let test = try harness.publication("evt_test")
            guard
                case .leased(let claimed) = try await harness.store.lease(
                    test: test, to: "wh_1", rules: StoreHarness.rules)
            else { throw ConformanceFailure(description: "a test was not leased") }
            try await harness.settle(claimed, .giveUp(.exhausted))
            try harness.expectEqual(try await harness.statistics().total.attempts, 1, "attempts of wh_1")
            try harness.expectEqual(try await harness.statistics(account: "acc_2").total.attempts, 0, "of acc_2")
            try harness.expectEqual(try await harness.statistics("wh_3").total.attempts, 0, "of an unknown webhook")
            harness.clock.advance(by: .seconds(90_000))
            let later = try await harness.statistics()
            try harness.expectEqual(later.total.attempts, 0, "a day later")
            try harness.expect(later.total.successRate == nil, "the rate is \(later.total.successRate ?? -1)")
        },
        Case("Statistics count the attempts of a cancelled delivery, but not the delivery") { harness in
            try await harness.register()
            try await harness.publish()
            try await harness.settle(try await harness.claimOne(), .retry(after: .seconds(5)))
            _ = try await harness.store.disable("wh_1", account: "acc_1")
            _ = try await harness.store.enable("wh_1", account: "acc_1", backlog: .discard, limits: .standard)
            let statistics = try await harness.statistics()
            try harness.expectEqual(statistics.total.attempts, 1, "attempts")
            try harness.expectEqual(statistics.total.finishedDeliveries, 0, "finished deliveries")
        },
    ]
}

extension StoreHarness {
    fileprivate func statistics(
        _ webhook: WebhookID = "wh_1", account: AccountID = "acc_1"
    ) async throws -> DeliveryStatistics {
        // The window includes the current time.
        let window = try DeliveryStatistics.Window(endingAt: clock.now + .milliseconds(1))
        return try await store.statistics(of: webhook, account: account, over: window)
    }

    /// Creates one delivery in each phase except `rejected`.
    fileprivate func createDeliveryInEachPhase() async throws {
        func next(_ webhook: WebhookID, daily limit: Int = 1000) async throws -> ClaimedDelivery? {
            try await register(webhook)
            try await publish(EventID(unchecked: "evt_\(webhook.rawValue)"))
            defer { clock.advance(by: .milliseconds(1)) }
            return try await claim(1, rules: { $0.dailyLimit = limit }).first
        }
        func only(_ webhook: WebhookID) async throws {
            _ = try await store.disable(webhook, account: "acc_1")
        }
        for (webhook, decision) in [
            ("wh_delivered", RetryDecision.succeed), ("wh_failed", .giveUp(.exhausted)),
            ("wh_retrying", .retry(after: .seconds(3600))),
        ] as [(WebhookID, RetryDecision)] {
            guard let claimed = try await next(webhook) else {
                throw ConformanceFailure(description: "expected a claimed delivery, got none")
            }
            try await settle(claimed, decision)
            try await only(webhook)
        }
        _ = try await next("wh_delivering")
        try await only("wh_delivering")
        _ = try await next("wh_limited", daily: 0)
        try await only("wh_limited")
        try await register("wh_cancelled")
        try await publish("evt_cancelled")
        _ = try await store.delete("wh_cancelled", account: "acc_1")
        try await register("wh_pending")
        try await publish("evt_pending")
    }
}
