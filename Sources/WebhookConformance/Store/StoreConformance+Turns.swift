internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookRetries
internal import WebhookTesting

extension StoreConformance {
    static let turnCases: [Case] = [
        Case("Accounts take turns: one with ten webhooks gets no more than one with a single webhook") { harness in
            for number in 1...10 {
                try await harness.register(WebhookID(unchecked: "wh_\(number)"), account: "acc_1")
            }
            try await harness.register("wh_other", account: "acc_2")
            try await harness.publish(count: 10, account: "acc_1")
            try await harness.publish(count: 10, account: "acc_2")
            let claimed = try await harness.claim(8)
            try harness.expectEqual(claimed.count { $0.delivery.accountID == "acc_2" }, 4, "claims of acc_2, of eight")
        },
        Case("An account with a long queue does not delay another account") { harness in
            try await harness.register("wh_1", account: "acc_1")
            try await harness.publish(count: 300, account: "acc_1")
            harness.clock.advance(by: .seconds(1))
            try await harness.register("wh_2", account: "acc_2")
            try await harness.publish(account: "acc_2")
            let claimed = try await harness.claim(4)
            try harness.expect(claimed.contains { $0.delivery.accountID == "acc_2" }, "acc_2 got no turn")
        },
        Case("An account can use the slots that no other account needs") { harness in
            try await harness.register("wh_1", account: "acc_1")
            try await harness.register("wh_2", account: "acc_2")
            try await harness.publish(count: 30, account: "acc_1")
            try await harness.publish(account: "acc_2")
            var claimed = 0
            for _ in 0..<4 { claimed += try await harness.claim(20).count }
            try harness.expectEqual(claimed, 31, "claims in four batches")
        },
        Case("Disabled webhooks take no turns") { harness in
            try await harness.register("wh_1")
            try await harness.register("wh_2")
            try await harness.publish(count: 5)
            _ = try await harness.store.disable("wh_1", account: "acc_1")
            let claimed = try await harness.claim()
            try harness.expectEqual(Set(claimed.map(\.webhook.id)), ["wh_2"], "claimed webhooks")
            try harness.expectEqual(claimed.count, 5, "claims")
        },
        Case("Retries and first attempts of one webhook are claimed in the order they became due") { harness in
            try await harness.register()
            try await harness.publish("evt_1")
            try await harness.settle(try await harness.claimOne(), .retry(after: .seconds(10)))
            harness.clock.advance(by: .seconds(5))
            try await harness.publish("evt_2")
            harness.clock.advance(by: .seconds(10))
            try await harness.publish("evt_3")
            try harness.expectEqual(try await harness.claimEvents(), ["evt_2", "evt_1", "evt_3"], "the order")
        },
        Case("A thousand deliveries of a hundred webhooks are each claimed once") { harness in
            for account in 0..<20 {
                for number in 0..<5 {
                    try await harness.register(
                        WebhookID(unchecked: "wh_\(account)_\(number)"), account: AccountID(unchecked: "acc_\(account)")
                    )
                }
                try await harness.publish(count: 10, account: AccountID(unchecked: "acc_\(account)"))
            }
            var claimed: [DeliveryID] = []
            while true {
                let batch = try await harness.claim(37)
                if batch.isEmpty { break }
                claimed += batch.map(\.delivery.id)
            }
            try harness.expectEqual(claimed.count, 1000, "claims")
            try harness.expectEqual(Set(claimed).count, 1000, "distinct deliveries")
        },
        Case("Claims of one delivery each reach all of twenty accounts") { harness in
            for number in 0..<20 {
                let account = AccountID(unchecked: "acc_\(number)")
                try await harness.register(WebhookID(unchecked: "wh_\(number)"), account: account)
                try await harness.publish(EventID(unchecked: "evt_\(number)"), account: account)
            }
            var claimed: [EventID] = []
            for _ in 0..<20 { claimed += try await harness.claimEvents(1) }
            try harness.expectEqual(Set(claimed).count, 20, "distinct claimed events")
        },
        Case("Without due deliveries, a claim returns the earliest due time of all webhooks") { harness in
            for number in 1...3 { try await harness.register(WebhookID(unchecked: "wh_\(number)")) }
            try await harness.publish()
            let claimed = try await harness.claim()
            for (index, claimed) in claimed.enumerated() {
                try await harness.settle(claimed, .retry(after: .seconds(20 + 10 * index)))
            }
            let reply = try await harness.store.claim(harness.request())
            try harness.expectEqual(reply.nextDueIn, .seconds(20), "the next due time")
        },
        Case("Webhooks paused by their circuit breaker take no turns") { harness in
            func rules(_ rules: inout DeliveryRules) {
                rules.health.breaker.failures = 1
                rules.health.failure = .never
            }
            for number in 0..<20 {
                let account = AccountID(unchecked: "acc_\(number)")
                try await harness.register(WebhookID(unchecked: "wh_\(number)"), account: account)
                try await harness.publish(count: 3, account: account)
            }
            for claimed in try await harness.claim(20, rules: rules) {
                try await harness.settle(claimed, .retry(after: .seconds(1)), rules: rules)
            }
            harness.clock.advance(by: .seconds(1))
            try await harness.register("wh_well", account: "acc_well")
            try await harness.publish(count: 2, account: "acc_well")
            let claimed = try await harness.claim(4, rules: rules)
            try harness.expectEqual(claimed.map(\.webhook.id), ["wh_well", "wh_well"], "claimed webhooks")
        },
        Case("At an account's in-flight limit, a claim returns the time when a lease expires") { harness in
            for number in 1...3 { try await harness.register(WebhookID(unchecked: "wh_\(number)")) }
            try await harness.publish(count: 10)
            try harness.expectEqual(
                try await harness.claim(9, rules: { $0.maximumInFlightPerAccount = 9 }).count, 9, "claims")
            let reply = try await harness.store.claim(harness.request(6, rules: { $0.maximumInFlightPerAccount = 9 }))
            try harness.expect(reply.deliveries.isEmpty, "the limit was exceeded")
            try harness.expectEqual(reply.nextDueIn, .seconds(15), "the next due time")
        },
    ]
}
