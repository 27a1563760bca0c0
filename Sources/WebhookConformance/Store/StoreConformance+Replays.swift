internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookLimits
internal import WebhookRetries
internal import WebhookTesting

extension StoreConformance {
    static let replayCases: [Case] = [
        Case("A replay counts and redelivers failed deliveries, and no others") { harness in
            let begin = harness.clock.now
            try await harness.register()
            try await harness.finish(["evt_ok": .succeed, "evt_bad": .giveUp(.exhausted), "evt_worse": .giveUp(.gone)])
            _ = try await harness.store.enable("wh_1", account: "acc_1", backlog: .immediately, limits: .standard)
            try await harness.publish("evt_open")
            let filter = harness.filter(since: begin)
            try harness.expectEqual(try await harness.count(filter), 2, "the count")
            try await harness.start(harness.replay(filter, perSecond: 100))
            var claimed: [ClaimedDelivery] = []
            while let next = try await harness.claim(1).first {
                claimed.append(next)
                try await harness.settle(next, .succeed)
            }
            let events = Set(claimed.map(\.delivery.eventID))
            try harness.expectEqual(events, ["evt_bad", "evt_worse", "evt_open"], "claimed events")
            try harness.expectEqual(claimed.count { $0.delivery.trigger == .replay }, 2, "redeliveries")
            let replay = try await harness.store.replay("job_1", account: "acc_1")
            try harness.expectEqual(replay?.state, .finished, "the state")
            try harness.expectEqual(replay?.made, 2, "the number of redeliveries")
            let deliveryCounts = try await harness.store.deliveryCounts(of: nil)
            try harness.expect(deliveryCounts.isBalanced, "the delivery counts are not balanced: \(deliveryCounts)")
        },
        Case("A replay keeps its rate, and a claim returns when it continues") { harness in
            let begin = harness.clock.now
            try await harness.register()
            try await harness.failAll(count: 7)
            try await harness.start(harness.replay(harness.filter(since: begin), perSecond: 3))
            var sizes: [Int] = []
            for _ in 0..<3 {
                let reply = try await harness.store.claim(harness.request())
                sizes.append(reply.deliveries.count)
                for claimed in reply.deliveries { try await harness.settle(claimed, .succeed) }
                let again = try await harness.store.claim(harness.request())
                try harness.expect(again.deliveries.isEmpty, "the replay exceeds its rate")
                if sizes.count < 3 { try harness.expectEqual(again.nextDueIn, .seconds(1), "the next due time") }
                harness.clock.advance(by: .seconds(1))
            }
            try harness.expectEqual(sizes, [3, 3, 1], "redeliveries in each second")
        },
        Case("A replay keeps the order of an ordering key, even for events of one millisecond") { harness in
            let begin = harness.clock.now
            try await harness.register(ordering: .resource)
            let events = (0..<8).map { EventID(unchecked: "evt_\($0)") }
            for event in events { try await harness.publish(event, key: "task_1") }
            while let claimed = try await harness.claim(1).first {
                try await harness.settle(claimed, .giveUp(.exhausted), rules: { $0.health.failure = .never })
            }
            try await harness.start(harness.replay(harness.filter(since: begin), perSecond: 1))
            var sent: [EventID] = []
            for _ in 0..<8 {
                while let claimed = try await harness.claim(1).first {
                    sent.append(claimed.delivery.eventID)
                    try await harness.settle(claimed, .succeed)
                }
                harness.clock.advance(by: .seconds(1))
            }
            try harness.expectEqual(sent, events, "the order of the redeliveries")
        },
        Case("A replay waits while its webhook has many open deliveries") { harness in
            let begin = harness.clock.now
            try await harness.register()
            try await harness.finish(["evt_bad": .giveUp(.exhausted)])
            for number in 0..<Replay.maximumOpen { try await harness.publish(EventID(unchecked: "evt_\(number)")) }
            try await harness.start(harness.replay(harness.filter(since: begin), perSecond: 100))
            let first = try await harness.claim(1)
            try harness.expectEqual(
                try await harness.store.replay("job_1", account: "acc_1")?.made, 0, "redeliveries with a long queue"
            )
            for claimed in first { try await harness.settle(claimed, .succeed) }
            harness.clock.advance(by: .seconds(1))
            _ = try await harness.claim(1)
            try harness.expectEqual(
                try await harness.store.replay("job_1", account: "acc_1")?.made, 1, "redeliveries with a free slot"
            )
        },
        Case("Redeliveries of a replay use the slots for retries; first attempts use the rest") { harness in
            let begin = harness.clock.now
            try await harness.register()
            try await harness.failAll(count: 4)
            try await harness.start(harness.replay(harness.filter(since: begin), perSecond: 100))
            try await harness.publish(count: 4, prefix: "evt_new")
            let claimed = try await harness.claim(8, retries: 2)
            try harness.expectEqual(claimed.count { $0.delivery.trigger == .replay }, 2, "redeliveries")
            try harness.expectEqual(claimed.count { $0.delivery.trigger == .event }, 4, "first attempts")
        },
        Case("Replays beyond the account's limit are refused, with a time to retry") { harness in
            try await harness.register()
            let limits = ServiceLimits(runningReplaysPerAccount: 2)
            func start(_ id: ReplayID, account: AccountID = "acc_1") async throws -> LimitError? {
                let filter = harness.filter(since: harness.clock.now)
                let replay = harness.replay(filter, perSecond: 1, id: id, account: account)
                do { try await harness.start(replay, limits: limits) } catch let error as LimitError { return error }
                return nil
            }
            for id in ["job_1", "job_2"] as [ReplayID] { try harness.expectEqual(try await start(id), nil, "\(id)") }
            let refusal = try await start("job_3")
            try harness.expectEqual(refusal?.code, .runningReplaysPerAccount, "the error code")
            try harness.expectEqual(refusal?.retryAt, harness.clock.now + .seconds(60), "when to retry")
            try harness.expectEqual(try await start("job_1"), nil, "starting job_1 again")
            try harness.expectEqual(try await start("job_other", account: "acc_2"), nil, "a replay of another account")
            _ = try await harness.store.cancelReplay("job_1", account: "acc_1")
            try harness.expectEqual(try await start("job_3"), nil, "job_3 below the limit")
        },
        Case("The latest hundred finished replays are kept") { harness in
            try await harness.register()
            let names = (100..<205).map { ReplayID(unchecked: "job_\($0)") }
            for id in names {
                let filter = harness.filter(since: harness.clock.now)
                try await harness.start(harness.replay(filter, perSecond: 1, id: id))
                _ = try await harness.store.cancelReplay(id, account: "acc_1")
            }
            var kept: [ReplayID] = []
            for id in names where try await harness.store.replay(id, account: "acc_1") != nil { kept.append(id) }
            try harness.expectEqual(kept, Array(names.suffix(100)), "the kept replays")
        },
        Case("A replay of hundreds of deliveries sends each event once") { harness in
            let begin = harness.clock.now
            try await harness.register()
            try await harness.failAll(count: 350)
            try await harness.start(harness.replay(harness.filter(since: begin), perSecond: 1000))
            var events: [EventID] = []
            for _ in 0..<20 {
                for claimed in try await harness.claimAll() {
                    events.append(claimed.delivery.eventID)
                    try await harness.settle(claimed, .succeed)
                }
                harness.clock.advance(by: .seconds(1))
            }
            try harness.expectEqual(events.count, 350, "deliveries")
            try harness.expectEqual(Set(events).count, 350, "distinct events")
        },
        Case("A replay skips events that have succeeded since or are open; a second replay finds none") { harness in
            let begin = harness.clock.now
            try await harness.register()
            try await harness.failAll(count: 3)
            let failed = try await harness.store.deliveries(Delivery.Query(accountID: "acc_1", phases: [.failed]))
            _ = try await harness.redeliver(failed.at(0).delivery.id, as: "del_again")
            let filter = harness.filter(since: begin)
            try harness.expectEqual(try await harness.count(filter), 2, "while a redelivery is open")
            for claimed in try await harness.claimAll() { try await harness.settle(claimed, .succeed) }
            try harness.expectEqual(try await harness.count(filter), 2, "after the redelivery succeeded")
            try await harness.start(harness.replay(filter, perSecond: 100))
            for claimed in try await harness.claimAll() { try await harness.settle(claimed, .succeed) }
            try harness.expectEqual(try await harness.count(filter), 0, "after the replay")
        },
        Case("An event whose redelivery also failed is replayed once, not twice") { harness in
            let begin = harness.clock.now
            try await harness.register()
            try await harness.failAll(count: 1)
            let failed = try await harness.store.deliveries(Delivery.Query(accountID: "acc_1", phases: [.failed]))
            _ = try await harness.redeliver(failed.at(0).delivery.id, as: "del_again")
            for claimed in try await harness.claimAll() {
                try await harness.settle(claimed, .giveUp(.exhausted), rules: { $0.health.failure = .never })
            }
            try harness.expectEqual(try await harness.count(harness.filter(since: begin)), 1, "the count")
        },
        Case("A filter selects by time, status, event type and webhook") { harness in
            let begin = harness.clock.now
            try await harness.register()
            try await harness.failAll(count: 2)
            harness.clock.advance(by: .seconds(10))
            let middle = harness.clock.now
            try await harness.finish(["evt_ok": .succeed, "evt_late": .giveUp(.exhausted)])
            func count(_ change: (inout Replay.Filter) -> Void) async throws -> Int {
                var filter = harness.filter(since: begin)
                change(&filter)
                return try await harness.count(filter)
            }
            try harness.expectEqual(try await count { _ in }, 3, "all failed deliveries")
            try harness.expectEqual(try await count { $0.since = middle }, 1, "since the middle")
            try harness.expectEqual(try await count { $0.until = middle }, 2, "until the middle")
            try harness.expectEqual(try await count { $0.statuses = [.succeeded] }, 1, "succeeded deliveries")
            try harness.expectEqual(try await count { $0.statuses = [.pending, .leased] }, 0, "open deliveries")
            try harness.expectEqual(try await count { $0.events = [.commentCreated] }, 0, "of other event types")
            try harness.expectEqual(try await count { $0.events = [.allTaskEvents] }, 3, "of task events")
            try harness.expectEqual(try await count { $0.webhookID = "wh_2" }, 0, "of another webhook")
        },
        Case("Deleting a webhook cancels its replay, which creates no more deliveries") { harness in
            let begin = harness.clock.now
            try await harness.register()
            try await harness.failAll(count: 3)
            try await harness.start(harness.replay(harness.filter(since: begin), perSecond: 1))
            _ = try await harness.store.delete("wh_1", account: "acc_1")
            try harness.expect(try await harness.claim().isEmpty, "a delivery of a deleted webhook was claimed")
            try harness.expectEqual(try await harness.store.deliveryCounts(of: "acc_1").open, 0, "open deliveries")
            let kept = try await harness.store.replay("job_1", account: "acc_1")
            try harness.expectEqual(kept?.state, .cancelled, "the state of the replay")
        },
        Case("A replay can be cancelled, cannot be restarted, and is invisible to other accounts") { harness in
            let begin = harness.clock.now
            try await harness.register()
            try await harness.failAll(count: 6)
            let replay = harness.replay(harness.filter(since: begin), perSecond: 2)
            try await harness.start(replay)
            try harness.expectEqual(try await harness.claimAll().count, 2, "claims in the first second")
            let cancelled = try await harness.store.cancelReplay("job_1", account: "acc_1")
            try harness.expectEqual(cancelled?.state, .cancelled, "the state")
            try await harness.start(replay)
            harness.clock.advance(by: .seconds(5))
            try harness.expect(try await harness.claimAll().isEmpty, "the cancelled replay goes on")
            let foreign = try await harness.store.replay("job_1", account: "acc_2")
            let stranger = try await harness.store.cancelReplay("job_1", account: "acc_2")
            try harness.expect(foreign == nil && stranger == nil, "acc_2 can access a replay of acc_1")
        },
    ]

    static let removingCases: [Case] = [
        Case("Pruning removes old finished deliveries with their attempts, and keeps open and recent ones") { harness in
            try await harness.register()
            try await harness.failAll(count: 3)
            try await harness.publish("evt_open")
            harness.clock.advance(by: .seconds(100))
            try await harness.finish(["evt_recent": .succeed])
            let before = harness.clock.now - .seconds(50)
            try harness.expectEqual(try await harness.store.prune(before: before, limit: 100), 3, "removed events")
            try harness.expectEqual(try await harness.store.prune(before: before, limit: 100), 0, "removed again")
            let left = try await harness.store.deliveries(Delivery.Query(accountID: "acc_1"))
            try harness.expectEqual(Set(left.map(\.delivery.eventID)), ["evt_open", "evt_recent"], "remaining events")
            try harness.expect(try await harness.store.event("evt_0", account: "acc_1") == nil, "evt_0 was found")
            let deliveryCounts = try await harness.store.deliveryCounts(of: nil)
            try harness.expect(deliveryCounts.isBalanced, "the delivery counts are not balanced: \(deliveryCounts)")
            try harness.expectEqual(deliveryCounts.accepted, 2, "accepted deliveries")
        },
        Case("Pruning keeps an event while one of its deliveries is open") { harness in
            try await harness.register("wh_1")
            try await harness.register("wh_2")
            try await harness.publish()
            try await harness.settle(try await harness.claimOne(), .succeed)
            harness.clock.advance(by: .seconds(100))
            try harness.expectEqual(
                try await harness.store.prune(before: harness.clock.now, limit: 100), 0, "removed events")
            try harness.expectEqual(try await harness.claimAll().count, 1, "claims of the other delivery")
        },
        Case("Pruning removes the oldest events first, up to its limit") { harness in
            try await harness.register()
            for number in 0..<5 {
                try await harness.finish([EventID(unchecked: "evt_\(number)"): .succeed])
                harness.clock.advance(by: .seconds(1))
            }
            try harness.expectEqual(
                try await harness.store.prune(before: harness.clock.now, limit: 2), 2, "the first step")
            let left = try await harness.store.deliveries(Delivery.Query(accountID: "acc_1"))
            try harness.expectEqual(left.map(\.delivery.eventID), ["evt_4", "evt_3", "evt_2"], "remaining events")
        },
        Case("Erasing an account removes all its data, and none of another account") { harness in
            try await harness.register("wh_1", account: "acc_1")
            try await harness.register("wh_2", account: "acc_2")
            try await harness.publish(count: 5, account: "acc_1")
            try await harness.publish(count: 2, account: "acc_2")
            _ = try await harness.store.delete("wh_1", account: "acc_1")
            // Two events without deliveries.
            try await harness.publish("evt_5", account: "acc_1")
            try await harness.publish("evt_6", account: "acc_1")
            try harness.expectEqual(try await harness.store.erase("acc_1", limit: 3), 3, "the first step")
            try harness.expectEqual(try await harness.store.erase("acc_1", limit: 3), 3, "the second step")
            try harness.expectEqual(try await harness.store.erase("acc_1", limit: 3), 1, "the third step")
            for event in (0..<7).map({ EventID(unchecked: "evt_\($0)") }) {
                try harness.expect(try await harness.store.event(event, account: "acc_1") == nil, "\(event) was found")
            }
            try harness.expectEqual(
                try await harness.store.deliveryCounts(of: "acc_1"), DeliveryCounts(), "counts of acc_1")
            try harness.expect(
                try await harness.store.deliveries(Delivery.Query(accountID: "acc_1")).isEmpty, "deliveries of acc_1")
            try harness.expectEqual(try await harness.store.deliveryCounts(of: "acc_2").accepted, 2, "counts of acc_2")
        },
    ]
}

extension StoreHarness {
    fileprivate func filter(since: Timestamp) -> Replay.Filter {
        Replay.Filter(webhookID: "wh_1", since: since, until: clock.now + .seconds(1000))
    }

    fileprivate func count(_ filter: Replay.Filter) async throws -> Int {
        try await store.count(filter, account: "acc_1")
    }

    fileprivate func replay(
        _ filter: Replay.Filter, perSecond: Int, id: ReplayID = "job_1", account: AccountID = "acc_1"
    ) -> Replay {
        Replay(id: id, accountID: account, filter: filter, perSecond: perSecond, total: 0, nextAt: clock.now)
    }

    fileprivate func start(_ replay: Replay, limits: ServiceLimits = .standard) async throws {
        try await store.start(replay, limits: limits)
    }

    /// Publishes events and settles their deliveries, one after the other.
    fileprivate func finish(_ ends: KeyValuePairs<EventID, RetryDecision>) async throws {
        for (event, decision) in ends {
            _ = try await store.enable("wh_1", account: "acc_1", backlog: .immediately, limits: .standard)
            try await publish(event)
            let claimed = try await claim().first { $0.delivery.eventID == event }
            guard let claimed else { throw ConformanceFailure(description: "\(event) was not claimed") }
            try await settle(claimed, decision, rules: { $0.health.failure = .never })
        }
    }

    fileprivate func failAll(count: Int) async throws {
        try await publish(count: count)
        for claimed in try await claimAll() {
            try await settle(claimed, .giveUp(.exhausted), rules: { $0.health.failure = .never })
        }
    }

    fileprivate func claimAll() async throws -> [ClaimedDelivery] {
        var all: [ClaimedDelivery] = []
        while true {
            let batch = try await claim(1000, rules: { $0.maximumInFlightPerWebhook = 1000 })
            if batch.isEmpty { return all }
            all += batch
        }
    }
}
