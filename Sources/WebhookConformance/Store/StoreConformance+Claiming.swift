internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookLimits
internal import WebhookPayload
internal import WebhookRetries
internal import WebhookTesting

extension StoreConformance {
    static let claimingCases: [Case] = [
        Case("A claim returns the exact bytes, and leases the delivery") { harness in
            try await harness.register()
            try await harness.publish(text: #"{ "é" : 1.0 }"#)
            let claimed = try await harness.claimOne()
            let published = try harness.publication(text: #"{ "é" : 1.0 }"#).envelope.bytes
            try harness.expectEqual(claimed.body, published, "the body")
            try harness.expectEqual(claimed.delivery.state.status, .leased, "the status")
            try harness.expect(try await harness.claim().isEmpty, "a leased delivery was claimed again")
        },
        Case("Eight concurrent workers never get the same delivery") { harness in
            try await harness.register()
            try await harness.publish(count: 100)
            let claimed = try await withThrowingTaskGroup(of: [DeliveryID].self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        var mine: [DeliveryID] = []
                        while true {
                            let batch = try await harness.claim(5)
                            guard !batch.isEmpty else { return mine }
                            mine += batch.map(\.delivery.id)
                        }
                    }
                }
                return try await group.reduce([], +)
            }
            try harness.expectEqual(claimed.count, 100, "claims")
            try harness.expectEqual(Set(claimed).count, 100, "distinct deliveries")
        },
        Case("An expired lease makes the delivery claimable, with a higher fencing token") { harness in
            try await harness.register()
            try await harness.publish()
            let first = try await harness.claimOne()
            harness.clock.advance(by: .seconds(15) - .microseconds(1))
            try harness.expect(try await harness.claim().isEmpty, "claimed before the lease expired")
            harness.clock.advance(by: .microseconds(1))
            let second = try await harness.claimOne()
            try harness.expect(second.lease.token > first.lease.token, "the token did not rise")
            try harness.expectEqual(try await harness.settle(first, .succeed), .fenced, "the late report")
            let history = try await harness.history(first.delivery.id)
            try harness.expectEqual(history.delivery.state.status, .leased, "the status after a late report")
            try harness.expect(history.attempts.isEmpty, "a late report stored an attempt")
            try harness.expect(try await harness.settle(second, .succeed) != .fenced, "the owner's report was rejected")
        },
        Case("A delivery that keeps crashing workers is rejected") { harness in
            try await harness.register()
            try await harness.publish()
            for _ in 0...Delivery.State.maximumExpiredLeases {
                _ = try await harness.claimAfterExpiredLeases()
                harness.clock.advance(by: .seconds(15))
            }
            let reply = try await harness.store.claim(harness.request())
            try harness.expect(reply.deliveries.isEmpty, "the delivery was claimed again")
            try harness.expectEqual(reply.rejected.count, 1, "deliveries that the claim reports as rejected")
            let deliveryCounts = try await harness.store.deliveryCounts(of: nil)
            try harness.expectEqual(deliveryCounts.rejected, 1, "rejected deliveries")
        },
        Case("After the first expired lease a delivery is due immediately; after each later one it waits longer") {
            harness in
            try await harness.register()
            try await harness.publish()
            _ = try await harness.claimOne()
            harness.clock.advance(by: .seconds(15))
            _ = try await harness.claimOne()
            harness.clock.advance(by: .seconds(15))
            for wait in [60, 240] as [Int64] {
                let reply = try await harness.store.claim(harness.request())
                try harness.expect(reply.deliveries.isEmpty, "the delivery was claimed without waiting")
                try harness.expectEqual(reply.nextDueIn, .seconds(wait), "the wait")
                harness.clock.advance(by: .seconds(wait))
                _ = try await harness.claimOne()
                harness.clock.advance(by: .seconds(15))
            }
        },
        Case("The daily limit is exact under eight concurrent workers; the rest is deferred to the next day") {
            harness in
            try await harness.register()
            try await harness.publish(count: 40)
            let total = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<8 { group.addTask { try await harness.claim(10, rules: { $0.dailyLimit = 25 }).count } }
                return try await group.reduce(0, +)
            }
            try harness.expectEqual(total, 25, "deliveries charged")
            try harness.expect(try await harness.claim(rules: { $0.dailyLimit = 25 }).isEmpty, "the limit was exceeded")
            let deferred = try await harness.store.deliveries(
                Delivery.Query(accountID: "acc_1", phases: [.pending, .retrying, .rateLimited], limit: 100))
            try harness.expect(
                deferred.allSatisfy { $0.delivery.state.reason == .dailyLimit }, "the reason is not stored")
            let midnight = Timestamp(startOfUTCDay: harness.clock.now.utcDay + 1)
            harness.clock.advance(by: midnight - harness.clock.now)
            // The 25 can be claimed again as well, because their leases expired without a report.
            let next = try await harness.claim(rules: { $0.dailyLimit = 25 })
            try harness.expectEqual(next.count, 40, "claims on the next day: 15 charged to it, 25 charged before")
        },
        Case("Retries are not charged to the daily quota") { harness in
            try await harness.register()
            try await harness.publish()
            for _ in 0..<2 {
                let claimed = try await harness.claim(rules: { $0.dailyLimit = 1 })
                try harness.expectEqual(claimed.count, 1, "claims")
                try await harness.settle(claimed.at(0), .retry(after: .seconds(5)))
                harness.clock.advance(by: .seconds(5))
            }
            try harness.expectEqual(try await harness.webhook().quota.used, 1, "charged")
        },
        Case("A webhook's in-flight limit holds across claims") { harness in
            try await harness.register("wh_1")
            try await harness.register("wh_2")
            try await harness.publish(count: 10)
            let first = try await harness.claim(rules: { $0.maximumInFlightPerWebhook = 3 })
            try harness.expectEqual(first.count, 6, "claims")
            try harness.expect(
                try await harness.claim(rules: { $0.maximumInFlightPerWebhook = 3 }).isEmpty, "the limit was exceeded")
            try await harness.settle(first.at(0), .succeed)
            try harness.expectEqual(
                try await harness.claim(rules: { $0.maximumInFlightPerWebhook = 3 }).count, 1,
                "claims after one finished")
        },
        Case("Leases of a crashed worker count towards the webhook's in-flight limit until they expire") { harness in
            try await harness.register()
            try await harness.publish(count: 5)
            try harness.expectEqual(
                try await harness.claim(rules: { $0.maximumInFlightPerWebhook = 3 }).count, 3, "claims")
            let reply = try await harness.store.claim(harness.request(rules: { $0.maximumInFlightPerWebhook = 3 }))
            try harness.expectEqual(reply.nextDueIn, .seconds(15), "the next due time at the limit")
            harness.clock.advance(by: .seconds(15))
            let again = try await harness.claim(rules: { $0.maximumInFlightPerWebhook = 3 })
            try harness.expectEqual(again.count, 3, "claims after the leases expired")
            let next = try await harness.store.claim(harness.request(rules: { $0.maximumInFlightPerWebhook = 3 }))
            try harness.expect(next.deliveries.isEmpty, "the limit was exceeded")
            try harness.expectEqual(next.nextDueIn, .seconds(15), "the next due time, which must ignore expired leases")
        },
        Case("Webhooks take turns: a busy one with the oldest queue does not take every slot") { harness in
            for number in 1...4 {
                try await harness.register(WebhookID(unchecked: "wh_\(number)"), events: [.taskCreated])
            }
            try await harness.publish(count: 20)
            harness.clock.advance(by: .seconds(1))
            try await harness.register("wh_5", events: [.commentCreated])
            try await harness.publish("evt_comment", type: .commentCreated)
            var served: Set<WebhookID> = []
            for _ in 0..<3 {
                served.formUnion(try await harness.claim(2).map(\.webhook.id))
                harness.clock.advance(by: .milliseconds(1))
            }
            try harness.expectEqual(served.count, 5, "webhooks served by three claims of two")
        },
        Case("A webhook with a long queue does not delay other webhooks") { harness in
            try await harness.register("wh_1", events: [.taskCreated])
            try await harness.publish(count: 200)
            harness.clock.advance(by: .seconds(1))
            try await harness.register("wh_2", events: [.commentCreated])
            try await harness.publish("evt_comment", type: .commentCreated)
            let claimed = try await harness.claim(10)
            try harness.expect(claimed.contains { $0.webhook.id == "wh_2" }, "wh_2 got no turn")
        },
        Case("The deliveries of one webhook are claimed oldest first") { harness in
            try await harness.register()
            for number in 0..<5 {
                try await harness.publish(EventID(unchecked: "evt_\(number)"))
                harness.clock.advance(by: .milliseconds(1))
            }
            let events = try await harness.claim(3).map(\.delivery.eventID)
            try harness.expectEqual(events, ["evt_0", "evt_1", "evt_2"], "the claimed events")
        },
        Case("The byte budget limits a claim, but always allows one delivery") { harness in
            try await harness.register()
            for number in 0..<4 {
                let text = #"{"a":"\#(String(repeating: "x", count: 1000))"}"#
                try await harness.publish(EventID(unchecked: "evt_\(number)"), text: text)
            }
            try harness.expectEqual(try await harness.claim(bytes: 1).count, 1, "claims with a budget of 1 byte")
            // An account may use half of the budget, and one body of any size.
            try harness.expectEqual(try await harness.claim(bytes: 1500).count, 1, "claims with a budget of 1500 bytes")
            try harness.expectEqual(try await harness.claim(bytes: 9000).count, 2, "claims with a budget of 9000 bytes")
        },
        Case("A claim returns the time until the next delivery is due") { harness in
            let empty = try await harness.store.claim(harness.request())
            try harness.expect(empty.nextDueIn == nil, "an empty store returned a due time")
            try await harness.register()
            try await harness.publish()
            let claimed = try await harness.claimOne()
            try await harness.settle(claimed, .retry(after: .seconds(30)))
            let reply = try await harness.store.claim(harness.request())
            try harness.expectEqual(reply.nextDueIn, .seconds(30), "the next due time")
        },
    ]
}
