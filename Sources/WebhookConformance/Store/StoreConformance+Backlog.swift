internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookLimits
internal import WebhookRetries
internal import WebhookTesting

extension StoreConformance {
    static let backlogCases: [Case] = [
        Case("An enabled webhook starts with one request in flight, and adds one for each success") { harness in
            try await harness.register()
            try await harness.publish(count: 10)
            _ = try await harness.store.disable("wh_1", account: "acc_1")
            _ = try await harness.store.enable("wh_1", account: "acc_1", backlog: .immediately, limits: .standard)
            var sizes: [Int] = []
            for _ in 0..<3 {
                let claimed = try await harness.claim()
                sizes.append(claimed.count)
                if let first = claimed.first { try await harness.settle(first, .succeed) }
            }
            // Each success raises the limit by one, and frees the slot of the finished delivery.
            try harness.expectEqual(sizes, [1, 2, 2], "claims")
        },
        Case("A backlog is spread over time, oldest first, and does not delay new events") { harness in
            try await harness.createBacklog()
            _ = try await harness.store.enable(
                "wh_1", account: "acc_1", backlog: .spread(perSecond: 2, .oldestFirst), limits: .standard)
            try await harness.succeedAll()
            try await harness.publish("evt_new")
            var events: [EventID] = []
            for _ in 0..<10 {
                events += try await harness.succeedAll()
                harness.clock.advance(by: .milliseconds(250))
            }
            try harness.expectEqual(events, ["evt_new", "evt_1", "evt_2", "evt_3", "evt_4"], "the order")
        },
        Case("A backlog can be spread newest first") { harness in
            try await harness.createBacklog()
            _ = try await harness.store.enable(
                "wh_1", account: "acc_1", backlog: .spread(perSecond: 1, .newestFirst), limits: .standard)
            var events: [EventID] = []
            for _ in 0..<5 {
                events += try await harness.succeedAll()
                harness.clock.advance(by: .seconds(1))
            }
            try harness.expectEqual(events, ["evt_4", "evt_3", "evt_2", "evt_1", "evt_0"], "the order")
        },
        Case("A backlog with ordering keys is spread evenly and keeps their order, even newest first") { harness in
            for order in [Webhook.BacklogPolicy.Order.newestFirst, .oldestFirst] {
                let webhook = WebhookID(unchecked: "wh_\(order.rawValue)")
                let account = AccountID(unchecked: "acc_\(order.rawValue)")
                try await harness.register(webhook, account: account, ordering: .resource)
                for number in 0..<6 {
                    try await harness.publish(
                        EventID(unchecked: "evt_\(number)"), account: account, key: number % 2 == 0 ? "task_1" : nil)
                    harness.clock.advance(by: .milliseconds(1))
                }
                _ = try await harness.store.disable(webhook, account: account)
                _ = try await harness.store.enable(
                    webhook, account: account, backlog: .spread(perSecond: 1, order), limits: .standard)
                var ofKey: [EventID] = []
                for second in 0..<6 {
                    let events = try await harness.succeedAll()
                    try harness.expectEqual(events.count, 1, "deliveries in second \(second), \(order)")
                    ofKey += events.filter { ["evt_0", "evt_2", "evt_4"].contains($0) }
                    harness.clock.advance(by: .seconds(1))
                }
                try harness.expectEqual(ofKey, ["evt_0", "evt_2", "evt_4"], "the order of task_1, \(order)")
            }
        },
        Case("A discarded backlog is cancelled with the reason, and the delivery counts stay balanced") { harness in
            try await harness.createBacklog()
            _ = try await harness.store.enable("wh_1", account: "acc_1", backlog: .discard, limits: .standard)
            try harness.expect(try await harness.claim().isEmpty, "a discarded delivery was claimed")
            let deliveryCounts = try await harness.store.deliveryCounts(of: nil)
            try harness.expectEqual(deliveryCounts.cancelled, 5, "cancelled deliveries")
            try harness.expect(deliveryCounts.isBalanced, "the delivery counts are not balanced: \(deliveryCounts)")
            let histories = try await harness.store.deliveries(Delivery.Query(accountID: "acc_1"))
            try harness.expect(
                histories.allSatisfy { $0.delivery.state.reason == .discarded }, "the reason is not stored")
        },
        Case("Discarding a backlog does not cancel leased deliveries") { harness in
            try await harness.register()
            try await harness.publish(count: 3)
            let claimed = try await harness.claimOne()
            _ = try await harness.store.enable("wh_1", account: "acc_1", backlog: .discard, limits: .standard)
            try harness.expectEqual(try await harness.settle(claimed, .succeed), .settled(nil), "the report")
            let deliveryCounts = try await harness.store.deliveryCounts(of: nil)
            try harness.expectEqual(
                [deliveryCounts.succeeded, deliveryCounts.cancelled], [1, 2], "succeeded and cancelled")
        },
        Case("A backlog policy can be replaced while it is in effect") { harness in
            try await harness.createBacklog()
            _ = try await harness.store.enable(
                "wh_1", account: "acc_1", backlog: .spread(perSecond: 1, .oldestFirst), limits: .standard)
            try await harness.succeedAll()
            _ = try await harness.store.enable("wh_1", account: "acc_1", backlog: .discard, limits: .standard)
            let deliveryCounts = try await harness.store.deliveryCounts(of: nil)
            try harness.expectEqual(
                [deliveryCounts.succeeded, deliveryCounts.cancelled], [1, 4], "succeeded and cancelled")
        },
        Case("A backlog policy never makes a retry due earlier") { harness in
            try await harness.register()
            try await harness.publish()
            try await harness.settle(try await harness.claimOne(), .retry(after: .seconds(30)))
            _ = try await harness.store.disable("wh_1", account: "acc_1")
            _ = try await harness.store.enable(
                "wh_1", account: "acc_1", backlog: .spread(perSecond: 10, .oldestFirst), limits: .standard)
            harness.clock.advance(by: .seconds(29))
            try harness.expect(try await harness.claim().isEmpty, "the retry was claimed early")
            harness.clock.advance(by: .seconds(1))
            try harness.expectEqual(try await harness.claim().count, 1, "claims when the retry is due")
        },
    ]
}

extension StoreHarness {
    /// Publishes five events to a webhook, and disables it.
    fileprivate func createBacklog() async throws {
        try await register()
        for number in 0..<5 {
            try await publish(EventID(unchecked: "evt_\(number)"))
            clock.advance(by: .milliseconds(1))
        }
        _ = try await store.disable("wh_1", account: "acc_1")
        clock.advance(by: .seconds(60))
    }

    @discardableResult
    fileprivate func succeedAll() async throws -> [EventID] {
        var events: [EventID] = []
        while let claimed = try await claim(1).first {
            events.append(claimed.delivery.eventID)
            try await settle(claimed, .succeed)
        }
        return events
    }
}
