internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookLimits
internal import WebhookRetries
internal import WebhookTesting

extension StoreConformance {
    static let searchCases: [Case] = [
        Case("Deliveries are found by the error of their last attempt, by trigger and by resource, page by page") {
            harness in
            try await harness.makeHistory()
            let all = try await harness.store.deliveries(Delivery.Query(accountID: "acc_1", limit: .max))
            try harness.expectEqual(all.count, 31, "deliveries")
            for (name, change) in StoreHarness.searches {
                var query = Delivery.Query(accountID: "acc_1", limit: 3)
                change(&query)
                let expected = all.map(\.delivery).filter(query.matches).map(\.id)
                var found: [DeliveryID] = []
                repeat {
                    query.before = found.last
                    let page = try await harness.store.deliveries(query).map(\.delivery.id)
                    found += page
                    if page.count < 3 { break }
                } while found.count <= all.count
                try harness.expectEqual(found, expected, "the deliveries \(name)")
                try harness.expect(!expected.isEmpty, "no delivery is expected \(name)")
            }
        },
        Case("The last error of a delivery is that of its last attempt, and none after a success") { harness in
            try await harness.register()
            try await harness.publish(key: "task_1")
            for (outcome, expected) in [
                (AttemptOutcome.response(status: 503, retryAfter: nil), "503"),
                (.failure(.connectTimeout), "timeout_connect"),
                (.response(status: 200, retryAfter: nil), nil),
            ] {
                let claimed = try await harness.claimOne()
                try await harness.settle(claimed, after: outcome)
                let kept = try await harness.delivery(claimed.delivery.id).delivery
                try harness.expectEqual(kept.state.lastError, expected, "the last error")
                try harness.expectEqual(kept.resource, "task_1", "the resource")
                harness.clock.advance(by: .seconds(60))
            }
        },
        Case("A replay selects deliveries by the error of their last attempt") { harness in
            let begin = harness.clock.now
            try await harness.makeHistory()
            var filter = Replay.Filter(webhookID: "wh_1", since: begin, until: harness.clock.now + .seconds(1))
            let all = try await harness.store.deliveries(Delivery.Query(accountID: "acc_1", limit: .max))
            let selections: [Delivery.ErrorSelection] = [
                .init(types: ["503"]), .init(classes: [.serverError]), .init(types: ["404"], classes: [.noResponse]),
                .init(),
            ]
            for (number, errors) in selections.enumerated() {
                filter.errors = errors
                let failed = all.map(\.delivery).filter { failed in
                    filter.matches(failed)
                        && !all.contains { other in
                            other.delivery.eventID == failed.eventID && other.delivery.webhookID == failed.webhookID
                                && !other.delivery.state.status.isFinal
                        }
                }
                let count = try await harness.store.count(filter, account: "acc_1")
                try harness.expectEqual(count, Set(failed.map(\.eventID)).count, "the deliveries with \(errors)")
                let replay = Replay(
                    id: ReplayID(unchecked: "job_\(number)"), accountID: "acc_1", filter: filter, perSecond: 1,
                    total: count, nextAt: harness.clock.now + .seconds(100_000))
                try await harness.store.start(replay, limits: .standard)
                let kept = try await harness.store.replay(replay.id, account: "acc_1")
                try harness.expectEqual(kept?.filter.errors, errors, "the errors of the replay")
            }
        },
        Case("The replays of an account are listed, the latest first, page by page") { harness in
            try await harness.register()
            try await harness.register("wh_2", account: "acc_2")
            let now = harness.clock.now
            let filter = Replay.Filter(webhookID: "wh_1", since: now, until: now)
            for number in 1...5 {
                let replay = Replay(
                    id: ReplayID(unchecked: "job_\(number)"), accountID: number == 3 ? "acc_2" : "acc_1",
                    filter: filter,
                    perSecond: 1, total: number, nextAt: now + .seconds(100_000))
                try await harness.store.start(replay, limits: .standard)
            }
            _ = try await harness.store.cancelReplay("job_4", account: "acc_1")
            let first = try await harness.store.replays(of: "acc_1", before: nil, limit: 3)
            try harness.expectEqual(first.map(\.id), ["job_5", "job_4", "job_2"], "the first page")
            try harness.expectEqual(first.map(\.state), [.running, .cancelled, .running], "the states")
            try harness.expectEqual(first.map(\.total), [5, 4, 2], "the totals")
            let second = try await harness.store.replays(of: "acc_1", before: "job_2", limit: 3)
            try harness.expectEqual(second.map(\.id), ["job_1"], "the second page")
            try harness.expectEqual(
                try await harness.store.replays(of: "acc_3", before: nil, limit: 3), [], "another account's replays")
        },
    ]
}

extension StoreHarness {
    /// The searches that every store must answer like ``Delivery/Query/matches(_:)``.
    fileprivate static let searches: [(String, @Sendable (inout Delivery.Query) -> Void)] = [
        ("with 503", { $0.errors = .init(types: ["503"]) }),
        ("with 503 to one webhook", { ($0.errors, $0.webhookID) = (.init(types: ["503"]), "wh_2") }),
        ("with a 5xx", { $0.errors = .init(classes: [.serverError]) }),
        ("with a 3xx or a 404", { $0.errors = .init(types: ["404"], classes: [.redirect]) }),
        ("without a response", { $0.errors = .init(classes: [.noResponse, .otherStatus]) }),
        (
            "with any error that wait",
            {
                $0.errors = .init(classes: Set(Delivery.ErrorClass.allCases))
                $0.phases = Delivery.Phase.open
            }
        ),
        ("of a resource", { $0.resource = "task_1" }),
        ("of a resource to one webhook", { ($0.resource, $0.webhookID) = ("task_1", "wh_1") }),
        ("of a resource with an error", { ($0.resource, $0.errors) = ("task_1", .init(classes: [.serverError])) }),
        ("of an event with an error", { ($0.eventID, $0.errors) = ("evt_0", .init(types: ["503"])) }),
        ("that were redelivered", { $0.triggers = [.manual] }),
        ("for other reasons than events", { $0.triggers = [.manual, .replay, .test] }),
        ("that were redelivered to one webhook", { ($0.triggers, $0.webhookID) = ([.manual], "wh_1") }),
        (
            "that were redelivered with an error",
            {
                ($0.triggers, $0.errors) = ([.manual], .init(classes: Set(Delivery.ErrorClass.allCases)))
            }
        ),
        ("of published events", { $0.triggers = [.event] }),
        ("of published events of a resource", { ($0.triggers, $0.resource) = ([.event], "task_0") }),
    ]

    /// Makes 31 deliveries to two webhooks, three of them redeliveries, with all kinds of outcomes.
    fileprivate func makeHistory() async throws {
        let outcomes: [AttemptOutcome] = [
            .response(status: 503, retryAfter: nil), .response(status: 200, retryAfter: nil),
            .failure(.connectTimeout), .response(status: 404, retryAfter: nil), .response(status: 302, retryAfter: nil),
            .response(status: 500, retryAfter: nil), .response(status: 600, retryAfter: nil),
        ]
        try await register("wh_1", ordering: .resource)
        try await register("wh_2")
        for number in 0..<14 {
            try await publish(EventID(unchecked: "evt_\(number)"), key: number % 4 == 3 ? nil : "task_\(number % 3)")
            // Every third delivery waits for its retry.
            for claimed in try await claim() {
                let isLast = (number + (claimed.webhook.id == "wh_1" ? 0 : 1)) % 3 != 0
                try await settle(claimed, after: outcomes[number % outcomes.count], isLast: isLast)
            }
            clock.advance(by: .milliseconds(number % 2))
        }
        let ended = try await store.deliveries(
            Delivery.Query(accountID: "acc_1", phases: [.delivered, .failed], limit: .max))
        for (number, history) in ended.prefix(3).enumerated() {
            _ = try await redeliver(history.delivery.id, as: DeliveryID(unchecked: "del_again_\(number)"))
        }
        for claimed in try await claim() where claimed.delivery.trigger == .manual {
            try await settle(claimed, after: outcomes[0], isLast: false)
        }
    }

    /// Reports an attempt with an outcome.
    fileprivate func settle(
        _ claimed: ClaimedDelivery, after outcome: AttemptOutcome, isLast: Bool = false
    ) async throws {
        let attempt = Attempt(
            number: claimed.delivery.state.attempts + 1, startedAt: clock.now, duration: .milliseconds(5),
            statusCode: outcome.statusCode, errorType: outcome.errorType)
        let decision: RetryDecision =
            outcome.kind == .success ? .succeed : isLast ? .giveUp(.exhausted) : .retry(after: .seconds(5))
        var rules = Self.rules
        rules.health.failure = .never
        rules.health.breaker.failures = 1000
        _ = try await store.settle(
            [Settlement(lease: claimed.lease, attempt: attempt, outcome: outcome.kind, decision: decision)],
            rules: rules)
    }
}
