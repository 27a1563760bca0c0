internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookLimits
internal import WebhookRetries
internal import WebhookTesting

extension StoreConformance {
    static let limitCases: [Case] = [
        Case("An account's in-flight limit covers all its webhooks, and no other account") { harness in
            for number in 1...3 { try await harness.register(WebhookID(unchecked: "wh_\(number)")) }
            try await harness.register("wh_other", account: "acc_2")
            try await harness.publish(count: 4)
            try await harness.publish(account: "acc_2")
            let claimed = try await harness.claim(rules: { $0.maximumInFlightPerAccount = 5 })
            try harness.expectEqual(claimed.count { $0.delivery.accountID == "acc_1" }, 5, "claims of acc_1")
            try harness.expectEqual(claimed.count { $0.delivery.accountID == "acc_2" }, 1, "claims of acc_2")
            try harness.expect(
                try await harness.claim(rules: { $0.maximumInFlightPerAccount = 5 }).isEmpty, "the limit was exceeded")
            if let own = claimed.first(where: { $0.delivery.accountID == "acc_1" }) {
                try await harness.settle(own, .succeed)
            }
            try harness.expectEqual(
                try await harness.claim(rules: { $0.maximumInFlightPerAccount = 5 }).count, 1, "after one ended")
        },
        Case("Leases of a crashed worker count towards the account's in-flight limit until they expire") { harness in
            try await harness.register("wh_1", events: [.taskCreated])
            try await harness.register("wh_2", events: [.commentCreated])
            try await harness.publish(count: 2)
            _ = try await harness.claim(rules: { $0.maximumInFlightPerAccount = 2 })
            _ = try await harness.store.disable("wh_1", account: "acc_1")
            try await harness.publish("evt_comment", type: .commentCreated)
            try harness.expect(
                try await harness.claim(rules: { $0.maximumInFlightPerAccount = 2 }).isEmpty, "the limit was exceeded")
            harness.clock.advance(by: .seconds(15))
            let events = try await harness.claimEvents(rules: { $0.maximumInFlightPerAccount = 2 })
            try harness.expectEqual(events, ["evt_comment"], "events claimed after the leases expired")
        },
        Case("Deleting a webhook frees its part of the account's in-flight limit") { harness in
            try await harness.register("wh_1", events: [.taskCreated])
            try await harness.register("wh_2", events: [.commentCreated])
            try await harness.publish(count: 2)
            _ = try await harness.claim(rules: { $0.maximumInFlightPerAccount = 2 })
            try await harness.publish("evt_comment", type: .commentCreated)
            try harness.expect(
                try await harness.claim(rules: { $0.maximumInFlightPerAccount = 2 }).isEmpty, "the limit was exceeded")
            _ = try await harness.store.delete("wh_1", account: "acc_1")
            let events = try await harness.claimEvents(rules: { $0.maximumInFlightPerAccount = 2 })
            try harness.expectEqual(events, ["evt_comment"], "events claimed after the deletion")
        },
        Case("Retries use at most the slots that the claim allows; first attempts use the rest") { harness in
            try await harness.register()
            try await harness.publish(count: 4, prefix: "evt_old")
            for claimed in try await harness.claim() { try await harness.settle(claimed, .retry(after: .seconds(1))) }
            harness.clock.advance(by: .seconds(2))
            try await harness.publish(count: 4, prefix: "evt_new")
            let claimed = try await harness.claim(6, retries: 2)
            try harness.expectEqual(claimed.count { $0.delivery.state.attempts > 0 }, 2, "retries")
            try harness.expectEqual(claimed.count { $0.delivery.state.attempts == 0 }, 4, "first attempts")
        },
        Case("A claim without slots for retries finds the first attempts queued after them") { harness in
            try await harness.register()
            try await harness.publish(count: 10, prefix: "evt_old")
            for claimed in try await harness.claim() { try await harness.settle(claimed, .retry(after: .seconds(1))) }
            harness.clock.advance(by: .seconds(2))
            try await harness.publish("evt_new")
            try harness.expectEqual(try await harness.claimEvents(3, retries: 0), ["evt_new"], "claimed events")
            try harness.expectEqual(try await harness.claim(3).count, 3, "retries when allowed")
        },
        Case("A rate limit delays requests, and uses up no retry") { harness in
            try await harness.register(rate: 2)
            try await harness.publish(count: 5)
            try harness.expectEqual(try await harness.claim().count, 2, "immediate claims, for one second of the rate")
            let reply = try await harness.store.claim(harness.request())
            try harness.expect(reply.deliveries.isEmpty, "the rate limit was exceeded")
            try harness.expectEqual(reply.nextDueIn, .milliseconds(500), "the time until the next request")
            harness.clock.advance(by: .milliseconds(500))
            let next = try await harness.claim()
            try harness.expectEqual(next.count, 1, "claims after half a second")
            try harness.expectEqual(next.first?.delivery.state.attempts, 0, "attempts used by waiting")
        },
        Case("A claim of 0 deliveries returns none") { harness in
            try await harness.register()
            try await harness.publish()
            try harness.expect(try await harness.claim(0).isEmpty, "a claim of 0 returned deliveries")
            try harness.expectEqual(try await harness.claim().count, 1, "claims afterwards")
        },
        Case("A body larger than the byte budget is claimed alone") { harness in
            try await harness.register()
            let large = #"{"a":"\#(String(repeating: "x", count: 5000))"}"#
            try await harness.publish("evt_1", text: large)
            harness.clock.advance(by: .milliseconds(1))
            try await harness.publish("evt_2")
            try harness.expectEqual(try await harness.claim(bytes: 100).map(\.delivery.eventID), ["evt_1"], "claim 1")
            try harness.expectEqual(try await harness.claim(bytes: 100).map(\.delivery.eventID), ["evt_2"], "claim 2")
        },
        Case("Over the daily limit the backlog is deferred, and charged deliveries go on") { harness in
            try await harness.register()
            try await harness.publish(count: 1500)
            let rules: @Sendable (inout DeliveryRules) -> Void = { $0.dailyLimit = 3 }
            let charged = try await harness.claim(3, rules: rules)
            try harness.expectEqual(charged.count, 3, "claims charged to the day")
            try await harness.settle(charged.at(0), .retry(after: .seconds(5)))
            try await harness.store.release([Release(charged.at(1).lease)])
            // A delivery that was charged and released is due; so is a retry. Nothing else is.
            let released = try await harness.claim(100, rules: rules)
            try harness.expectEqual(released.map(\.delivery.id), [try charged.at(1).delivery.id], "claimed deliveries")
            // A store may defer the backlog in several steps, with other calls in between.
            var looks = 0
            while try await !harness.claim(100, rules: rules).isEmpty || looks < 3 {
                looks += 1
                harness.clock.advance(by: .milliseconds(100))
            }
            let waiting = try await harness.store.deliveries(
                Delivery.Query(accountID: "acc_1", phases: [.pending], limit: 100))
            try harness.expectEqual(waiting.count, 0, "deliveries that were not deferred")
            harness.clock.advance(by: .seconds(5))
            let retried = try await harness.claim(100, rules: rules)
            try harness.expectEqual(retried.map(\.delivery.id), [try charged.at(0).delivery.id], "the retry")
            let reply = try await harness.store.claim(harness.request(rules: rules))
            try harness.expectEqual(reply.deliveries.count, 0, "further claims")
            let midnight = Timestamp(startOfUTCDay: harness.clock.now.utcDay + 1)
            harness.clock.advance(by: midnight - harness.clock.now)
            _ = try await harness.claim(rules: { $0.dailyLimit = 4 })
            try harness.expectEqual(try await harness.webhook().quota.used, 4, "deliveries charged on the next day")
        },
        Case("The claim that exhausts the daily quota reports it, once") { harness in
            try await harness.register()
            try await harness.publish(count: 3)
            let first = try await harness.store.claim(harness.request(1, rules: { $0.dailyLimit = 2 }))
            try harness.expectEqual(first.quotaExhausted, [], "reported by the first claim")
            let second = try await harness.store.claim(harness.request(rules: { $0.dailyLimit = 2 }))
            try harness.expectEqual(second.quotaExhausted, ["wh_1"], "reported by the second claim")
            try await harness.publish("evt_later")
            let third = try await harness.store.claim(harness.request(rules: { $0.dailyLimit = 2 }))
            try harness.expectEqual(third.quotaExhausted, [], "reported after the quota was exhausted")
        },
        Case("A clock that steps back over midnight does not reset the daily quota") { harness in
            try await harness.register()
            let midnight = Timestamp(startOfUTCDay: harness.clock.now.utcDay + 1)
            harness.clock.set(midnight + .seconds(1))
            try await harness.publish(count: 3)
            try harness.expectEqual(try await harness.claim(rules: { $0.dailyLimit = 2 }).count, 2, "claims")
            harness.clock.set(midnight - .seconds(60))
            try await harness.publish("evt_back")
            harness.clock.set(midnight - .seconds(50))
            try harness.expect(try await harness.claim(rules: { $0.dailyLimit = 2 }).isEmpty, "the quota was reset")
        },
        Case("A new webhook inherits the daily usage of a deleted webhook") { harness in
            for (webhook, count) in [("wh_1", 3), ("wh_2", 1)] as [(WebhookID, Int)] {
                try await harness.register(webhook)
                for number in 0..<count { try await harness.publish(EventID(unchecked: "evt_\(webhook)_\(number)")) }
                for claimed in try await harness.claim() { try await harness.settle(claimed, .succeed) }
            }
            for webhook in ["wh_1", "wh_2"] as [WebhookID] {
                _ = try await harness.store.delete(webhook, account: "acc_1")
            }
            try await harness.register("wh_3")
            try harness.expectEqual(try await harness.webhook("wh_3").quota.used, 4, "the usage of wh_3")
            try await harness.register("wh_4")
            try harness.expectEqual(try await harness.webhook("wh_4").quota.used, 1, "the usage of wh_4")
            try await harness.register("wh_5")
            try harness.expectEqual(try await harness.webhook("wh_5").quota.used, 0, "the usage of wh_5")
            try await harness.publish("evt_next")
            let charged = try await harness.claim(rules: { $0.dailyLimit = 4 }).map(\.delivery.webhookID)
            try harness.expectEqual(Set(charged), ["wh_4", "wh_5"], "webhooks with quota left")
            _ = try await harness.store.delete("wh_3", account: "acc_1")
            harness.clock.set(Timestamp(startOfUTCDay: harness.clock.now.utcDay + 1))
            try await harness.register("wh_6")
            let usage = try await harness.webhook("wh_6").quota.usage(now: harness.clock.now, limit: 3)
            try harness.expectEqual(usage.used, 0, "the usage on the next day")
        },
        Case("The daily limit on registrations also counts webhooks that were deleted since") { harness in
            let limits = ServiceLimits(registrationsPerDay: 3)
            func register(_ number: Int, account: AccountID = "acc_1") async throws -> LimitError? {
                do {
                    try await harness.register(WebhookID(unchecked: "wh_\(number)"), account: account, limits: limits)
                } catch let error as LimitError { return error }
                return nil
            }
            for number in 0..<3 {
                try harness.expect(try await register(number) == nil, "registration \(number) was refused")
                _ = try await harness.store.delete(WebhookID(unchecked: "wh_\(number)"), account: "acc_1")
            }
            let refusal = try await register(3)
            let tomorrow = Timestamp(startOfUTCDay: harness.clock.now.utcDay + 1)
            try harness.expectEqual(refusal?.code, .registrationsPerDay, "the error code")
            try harness.expectEqual(refusal?.retryAt, tomorrow, "when registrations are available again")
            try harness.expect(try await register(4, account: "acc_2") == nil, "another account was refused")
            harness.clock.set(tomorrow)
            try harness.expect(try await register(3) == nil, "a registration was refused on the next day")
        },
        Case("A quota day written by a clock far ahead blocks a webhook for one day only") { harness in
            try await harness.register()
            let now = harness.clock.now
            try await harness.publish(count: 2)
            harness.clock.set(now + .seconds(80 * 365 * 86_400))
            try harness.expectEqual(try await harness.claim(1, rules: { $0.dailyLimit = 2 }).count, 1, "early claims")
            harness.clock.set(now)
            try await harness.publish(count: 2, prefix: "evt_now")
            let left = try await harness.claim(rules: { $0.dailyLimit = 2 })
            try harness.expectEqual(left.count, 1, "claims left on the day")
            try await harness.settle(left.at(0), .succeed)
            harness.clock.set(Timestamp(startOfUTCDay: now.utcDay + 1) + .seconds(1))
            try await harness.publish(count: 1, prefix: "evt_tomorrow")
            try harness.expectEqual(try await harness.claim(rules: { $0.dailyLimit = 2 }).count, 2, "claims tomorrow")
        },
    ]
}
