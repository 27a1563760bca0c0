internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookLimits
internal import WebhookRetries

extension StoreConformance {
    static let settlingCases: [Case] = [
        Case("A retry is due no earlier than its delay after the report") { harness in
            try await harness.register()
            try await harness.publish()
            try await harness.settle(try await harness.claimOne(), .retry(after: .seconds(5)))
            harness.clock.advance(by: .seconds(5) - .microseconds(1))
            try harness.expect(try await harness.claim().isEmpty, "claimed too early")
            harness.clock.advance(by: .microseconds(1))
            try harness.expectEqual(try await harness.claimOne().delivery.state.attempts, 1, "finished attempts")
        },
        Case("Every attempt leaves one record, in order") { harness in
            try await harness.register()
            try await harness.publish()
            let id = try await harness.claimOneAndSettle(.retry(after: .zero))
            _ = try await harness.claimOneAndSettle(.succeed)
            let history = try await harness.history(id)
            try harness.expectEqual(history.attempts.map(\.number), [1, 2], "numbers")
            try harness.expectEqual(history.attempts.map(\.statusCode), [500, 200], "statuses")
            try harness.expectEqual(history.attempts.map(\.errorType), ["500", nil], "errors")
            try harness.expectEqual(history.attempts[0].duration, .milliseconds(12), "the duration")
            try harness.expectEqual(history.delivery.state.status, .succeeded, "the status")
        },
        Case("A final delivery stays as it is") { harness in
            try await harness.register()
            try await harness.publish()
            let claimed = try await harness.claimOne()
            try await harness.settle(claimed, .succeed)
            for decision in [RetryDecision.retry(after: .zero), .giveUp(.exhausted), .succeed] {
                try harness.expectEqual(try await harness.settle(claimed, decision), .repeated, "a second report")
            }
            try await harness.store.release([claimed.lease])
            let history = try await harness.history(claimed.delivery.id)
            try harness.expectEqual(history.delivery.state.status, .succeeded, "the status")
            try harness.expectEqual(history.attempts.count, 1, "attempts")
            try harness.expectEqual(try await harness.webhook().succeededDeliveries, 1, "the webhook's count")
        },
        Case("A batch settles what it can: one fenced report does not hold up the others") { harness in
            try await harness.register()
            try await harness.publish(count: 3)
            let claimed = try await harness.claim()
            try harness.expectEqual(claimed.count, 3, "claims")
            try await harness.settle(claimed[1], .succeed)
            let results = try await harness.store.settle(
                claimed.map { harness.settlement($0, .succeed, status: 200) }, rules: StoreHarness.rules)
            try harness.expectEqual(results, [.settled(nil), .repeated, .settled(nil)], "the results")
            try harness.expectEqual(try await harness.store.ledger(of: nil).succeeded, 3, "succeeded deliveries")
        },
        Case("Releasing costs nothing: no attempt, no charge, due at once") { harness in
            try await harness.register()
            try await harness.publish()
            let claimed = try await harness.claimOne()
            try await harness.store.release([claimed.lease])
            let again = try await harness.claim(rules: { $0.dailyLimit = 1 })
            try harness.expectEqual(again.count, 1, "claims after the release")
            try harness.expectEqual(again.first?.delivery.state.attempts, 0, "attempts")
            try harness.expectEqual(again.first?.delivery.state.crashes, 0, "crashes")
            try harness.expectEqual(try await harness.webhook().quota.used, 1, "charged")
        },
        Case("A webhook whose every attempt failed stops when a delivery is exhausted") { harness in
            try await harness.register()
            try await harness.publish(count: 2)
            let result = try await harness.settle(try await harness.claimOne(), .giveUp(.exhausted))
            try harness.expectEqual(result, .settled(.failed), "the result")
            try harness.expectEqual(try await harness.webhook().state, .failed, "the state")
            try harness.expect(try await harness.claim().isEmpty, "a failed webhook was claimed")
            let ledger = try await harness.store.ledger(of: nil)
            try harness.expectEqual([ledger.failed, ledger.open], [1, 1], "failed and open deliveries")
        },
        Case("A webhook that accepted anything since the first attempt goes on") { harness in
            try await harness.register()
            try await harness.publish(count: 2)
            let claimed = try await harness.claim()
            try harness.expectEqual(claimed.count, 2, "claims")
            harness.clock.advance(by: .seconds(1))
            try await harness.settle(claimed[0], .succeed)
            let result = try await harness.settle(claimed[1], .giveUp(.exhausted))
            try harness.expectEqual(result, .settled(nil), "the result")
            let webhook = try await harness.webhook()
            try harness.expectEqual(webhook.state, .active, "the state")
            try harness.expectEqual(webhook.deliverySuccessRate, 0.5, "the success rate")
        },
        Case("410 disables the webhook at once") { harness in
            try await harness.register()
            try await harness.publish()
            let result = try await harness.settle(try await harness.claimOne(), .giveUp(.gone))
            try harness.expectEqual(result, .settled(.gone), "the result")
            try harness.expectEqual(try await harness.webhook().state, .disabled, "the state")
        },
        Case("Deliveries are listed newest first, page by page, for their own account only") { harness in
            try await harness.register()
            for number in 0..<5 {
                try await harness.publish(EventID(unchecked: "evt_\(number)"))
                harness.clock.advance(by: .milliseconds(1))
            }
            let first = try await harness.store.deliveries(DeliveryQuery(account: "acc_1", limit: 3))
            let rest = try await harness.store.deliveries(
                DeliveryQuery(account: "acc_1", before: first.last?.delivery.id, limit: 3))
            let events = (first + rest).map(\.delivery.event)
            try harness.expectEqual(events, ["evt_4", "evt_3", "evt_2", "evt_1", "evt_0"], "the order")
            let foreign = try await harness.store.deliveries(DeliveryQuery(account: "acc_2", webhook: "wh_1"))
            try harness.expect(foreign.isEmpty, "another account sees deliveries")
        },
        Case("The ledger is balanced at every step") { harness in
            try await harness.register()
            for number in 0..<12 {
                try await harness.publish(EventID(unchecked: "evt_\(number)"))
                for (index, claimed) in try await harness.claim(2).enumerated() {
                    try await harness.settle(claimed, index == 0 ? .succeed : .retry(after: .seconds(1)))
                }
                let ledger = try await harness.store.ledger(of: "acc_1")
                try harness.expect(ledger.isBalanced, "not balanced: \(ledger)")
                try harness.expectEqual(ledger.accepted, number + 1, "accepted deliveries")
                harness.clock.advance(by: .seconds(1))
            }
        },
    ]
}

extension StoreHarness {
    fileprivate func claimOneAndSettle(_ decision: RetryDecision) async throws -> DeliveryID {
        let claimed = try await claimOne()
        try await settle(claimed, decision)
        return claimed.delivery.id
    }
}
