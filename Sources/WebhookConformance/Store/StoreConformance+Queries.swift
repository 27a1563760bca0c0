internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookLimits
internal import WebhookRetries
internal import WebhookTesting

extension StoreConformance {
    static let queryCases: [Case] = [
        Case("Deliveries can be queried by webhook, event and phase") { harness in
            try await harness.register("wh_1")
            try await harness.register("wh_2")
            try await harness.publish(count: 3)
            try await harness.settle(try await harness.claimOne(), .succeed)
            func found(_ change: (inout Delivery.Query) -> Void) async throws -> Int {
                var query = Delivery.Query(accountID: "acc_1", limit: 100)
                change(&query)
                let histories = try await harness.store.deliveries(query)
                return histories.count
            }
            try harness.expectEqual(try await found { _ in }, 6, "all")
            try harness.expectEqual(try await found { $0.webhookID = "wh_1" }, 3, "of wh_1")
            try harness.expectEqual(try await found { $0.eventID = "evt_1" }, 2, "of evt_1")
            try harness.expectEqual(try await found { $0.phases = [.delivered] }, 1, "delivered")
            try harness.expectEqual(
                try await found { ($0.webhookID, $0.eventID) = ("wh_1", "evt_1") }, 1, "of wh_1, evt_1")
            try harness.expectEqual(try await found { $0.webhookID = "wh_3" }, 0, "of an unknown webhook")
        },
        Case("A page has as many deliveries as its limit, and none for a limit of 0 or less") { harness in
            try await harness.register()
            try await harness.publish(count: 5)
            let two = try await harness.store.deliveries(Delivery.Query(accountID: "acc_1", limit: 2))
            try harness.expectEqual(two.count, 2, "a page of two")
            for limit in [0, -1] {
                let none = try await harness.store.deliveries(Delivery.Query(accountID: "acc_1", limit: limit))
                try harness.expect(none.isEmpty, "a page of \(limit) is not empty")
            }
        },
        Case("Pages stay consistent while new deliveries are added") { harness in
            try await harness.register()
            for number in 0..<6 {
                try await harness.publish(EventID(unchecked: "evt_\(number)"))
                harness.clock.advance(by: .milliseconds(1))
            }
            let first = try await harness.store.deliveries(Delivery.Query(accountID: "acc_1", limit: 3))
            try await harness.publish("evt_new")
            let second = try await harness.store.deliveries(
                Delivery.Query(accountID: "acc_1", before: first.last?.delivery.id, limit: 3))
            let events = (first + second).map(\.delivery.eventID.rawValue)
            try harness.expectEqual(events, (0..<6).reversed().map { "evt_\($0)" }, "two pages")
        },
        Case("Pages list the deliveries of all the account's webhooks, deleted ones included, newest first") {
            harness in
            for webhook: WebhookID in ["wh_3", "wh_1", "wh_2"] { try await harness.register(webhook) }
            try await harness.register("wh_4", account: "acc_2")
            for number in 0..<5 {
                try await harness.publish(EventID(unchecked: "evt_\(number)"))
                harness.clock.advance(by: .milliseconds(1))
            }
            try await harness.publish("evt_0", account: "acc_2")
            _ = try await harness.store.delete("wh_1", account: "acc_1")
            var query = Delivery.Query(accountID: "acc_1", limit: 4)
            var found: [Delivery] = []
            while true {
                let page = try await harness.store.deliveries(query).map(\.delivery)
                found += page
                query.before = page.last?.id
                if page.count < query.limit { break }
            }
            try harness.expectEqual(found.count, 15, "deliveries")
            try harness.expect(zip(found, found.dropFirst()).allSatisfy { $0.id > $1.id }, "the order is wrong")
            try harness.expect(found.allSatisfy { $0.accountID == "acc_1" }, "a delivery belongs to another account")
            for webhook: WebhookID in ["wh_1", "wh_2", "wh_3"] {
                try harness.expectEqual(found.count { $0.webhookID == webhook }, 5, "to \(webhook)")
            }
        },
        Case("A delivery is read back with all its fields") { harness in
            try await harness.register(ordering: .resource)
            try await harness.publish("evt_1", type: .commentCreated, key: "task_1")
            let published = harness.clock.now
            harness.clock.advance(by: .seconds(1))
            let claimed = try await harness.claimOne()
            var timings = WebhookResponse.PhaseTimings()
            (timings.connect, timings.response) = (.milliseconds(3), .microseconds(1500))
            let attempt = Attempt(
                number: 1, startedAt: harness.clock.now, duration: .milliseconds(12), statusCode: nil,
                errorType: "timeout_response", timings: timings)
            let report = Settlement(
                lease: claimed.lease, attempt: attempt, outcome: .timeout, decision: .retry(after: .seconds(5)))
            _ = try await harness.store.settle([report], rules: StoreHarness.rules)
            let history = try await harness.history(claimed.delivery.id)
            try harness.expectEqual(history.attempts, [attempt], "the attempt")
            try harness.expectEqual(history.delivery.eventID, "evt_1", "the event")
            try harness.expectEqual(history.delivery.eventType, .commentCreated, "its type")
            try harness.expectEqual(history.delivery.orderingKey, "task_1", "its ordering key")
            try harness.expectEqual(history.delivery.createdAt, published, "the time of creation")
            try harness.expectEqual(history.delivery.trigger, .event, "the trigger")
            try harness.expectEqual(history.delivery.state.reason, .retry, "the reason")
            try harness.expectEqual(history.delivery.state.dueAt, harness.clock.now + .seconds(5), "the due time")
            try harness.expectEqual(history.delivery.state.firstAttemptAt, harness.clock.now, "the first attempt")
        },
        Case("Later deliveries have higher sequence numbers") { harness in
            try await harness.register("wh_1")
            try await harness.register("wh_2")
            try await harness.publish(count: 3)
            let deliveries = try await harness.store.deliveries(Delivery.Query(accountID: "acc_1")).map(\.delivery)
            try harness.expectEqual(Set(deliveries.map(\.sequence)).count, 6, "distinct sequence numbers")
            for event in 1..<3 {
                let earlier = deliveries.filter { $0.eventID.rawValue == "evt_\(event - 1)" }.map(\.sequence)
                let later = deliveries.filter { $0.eventID.rawValue == "evt_\(event)" }.map(\.sequence)
                try harness.expect((earlier.max() ?? 0) < (later.min() ?? 0), "evt_\(event) has a lower sequence")
            }
        },
        Case("Delivery counts cover one account or all; those of an unknown account are zero") { harness in
            try await harness.register("wh_1", account: "acc_1")
            try await harness.register("wh_2", account: "acc_2")
            try await harness.publish(count: 2, account: "acc_1")
            try await harness.publish(count: 3, account: "acc_2")
            try harness.expectEqual(try await harness.store.deliveryCounts(of: "acc_1").accepted, 2, "acc_1")
            try harness.expectEqual(try await harness.store.deliveryCounts(of: "acc_2").accepted, 3, "acc_2")
            try harness.expectEqual(try await harness.store.deliveryCounts(of: nil).accepted, 5, "all")
            try harness.expectEqual(
                try await harness.store.deliveryCounts(of: "acc_3"), DeliveryCounts(), "an unknown account")
        },
        Case("Webhooks are listed per account, oldest first") { harness in
            for number in 1...3 {
                try await harness.register(WebhookID(unchecked: "wh_\(4 - number)"))
                harness.clock.advance(by: .milliseconds(1))
            }
            try await harness.register("wh_other", account: "acc_2")
            let ids = try await harness.store.webhooks(of: "acc_1").map(\.id)
            try harness.expectEqual(ids, ["wh_3", "wh_2", "wh_1"], "the order")
            try harness.expect(try await harness.store.webhooks(of: "acc_3").isEmpty, "an unknown account has webhooks")
        },
    ]
}
