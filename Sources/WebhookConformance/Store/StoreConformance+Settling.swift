internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookLimits
internal import WebhookRetries
internal import WebhookTesting

extension StoreConformance {
    static let settlingCases: [Case] = [
        Case("A retry is due after its delay, counted from the report") { harness in
            try await harness.register()
            try await harness.publish()
            try await harness.settle(try await harness.claimOne(), .retry(after: .seconds(5)))
            harness.clock.advance(by: .seconds(5) - .microseconds(1))
            try harness.expect(try await harness.claim().isEmpty, "claimed too early")
            harness.clock.advance(by: .microseconds(1))
            try harness.expectEqual(try await harness.claimOne().delivery.state.attempts, 1, "finished attempts")
        },
        Case("Every attempt is stored once, in order") { harness in
            try await harness.register()
            try await harness.publish()
            let id = try await harness.claimOneAndSettle(.retry(after: .zero))
            _ = try await harness.claimOneAndSettle(.succeed)
            let history = try await harness.history(id)
            try harness.expectEqual(history.attempts.map(\.number), [1, 2], "numbers")
            try harness.expectEqual(history.attempts.map(\.statusCode), [500, 200], "statuses")
            try harness.expectEqual(history.attempts.map(\.errorType), ["500", nil], "errors")
            try harness.expectEqual(history.attempts.first?.duration, .milliseconds(12), "the duration")
            try harness.expectEqual(history.delivery.state.status, .succeeded, "the status")
        },
        Case("A finished delivery does not change") { harness in
            try await harness.register()
            try await harness.publish()
            let claimed = try await harness.claimOne()
            try await harness.settle(claimed, .succeed)
            for decision in [RetryDecision.retry(after: .zero), .giveUp(.exhausted), .succeed] {
                try harness.expectEqual(try await harness.settle(claimed, decision), .repeated, "a second report")
            }
            try await harness.store.release([Release(claimed.lease)])
            let history = try await harness.history(claimed.delivery.id)
            try harness.expectEqual(history.delivery.state.status, .succeeded, "the status")
            try harness.expectEqual(history.attempts.count, 1, "attempts")
            try harness.expectEqual(try await harness.webhook().succeededDeliveries, 1, "the webhook's count")
        },
        Case("One rejected report does not affect the others in its batch") { harness in
            try await harness.register()
            try await harness.publish(count: 3)
            let claimed = try await harness.claim()
            try harness.expectEqual(claimed.count, 3, "claims")
            try await harness.settle(claimed.at(1), .succeed)
            let results = try await harness.store.settle(
                claimed.map { harness.settlement($0, .succeed, status: 200) }, rules: StoreHarness.rules)
            try harness.expectEqual(results, [.settled(nil), .repeated, .settled(nil)], "the results")
            try harness.expectEqual(
                try await harness.store.deliveryCounts(of: nil).succeeded, 3, "succeeded deliveries")
        },
        Case("A released delivery is due immediately, without an attempt or a second charge") { harness in
            try await harness.register()
            try await harness.publish()
            let claimed = try await harness.claimOne()
            try await harness.store.release([Release(claimed.lease)])
            let again = try await harness.claim(rules: { $0.dailyLimit = 1 })
            try harness.expectEqual(again.count, 1, "claims after the release")
            try harness.expectEqual(again.first?.delivery.state.attempts, 0, "attempts")
            try harness.expectEqual(again.first?.delivery.state.expiredLeases, 0, "crashes")
            try harness.expectEqual(try await harness.webhook().quota.used, 1, "charged")
        },
        Case("An exhausted delivery stops a webhook that has never succeeded") { harness in
            try await harness.register()
            try await harness.publish(count: 2)
            let result = try await harness.settle(try await harness.claimOne(), .giveUp(.exhausted))
            try harness.expectEqual(result, .settled(.failed), "the result")
            try harness.expectEqual(try await harness.webhook().status, .failed, "the state")
            try harness.expect(try await harness.claim().isEmpty, "a failed webhook's delivery was claimed")
            let deliveryCounts = try await harness.store.deliveryCounts(of: nil)
            try harness.expectEqual(
                [deliveryCounts.failed, deliveryCounts.open], [1, 1], "failed and open deliveries")
        },
        Case("An exhausted delivery does not stop a webhook that succeeded since its first attempt") { harness in
            try await harness.register()
            try await harness.publish(count: 2)
            let claimed = try await harness.claim()
            try harness.expectEqual(claimed.count, 2, "claims")
            harness.clock.advance(by: .seconds(1))
            try await harness.settle(claimed.at(0), .succeed)
            let result = try await harness.settle(claimed.at(1), .giveUp(.exhausted))
            try harness.expectEqual(result, .settled(nil), "the result")
            let webhook = try await harness.webhook()
            try harness.expectEqual(webhook.status, .active, "the state")
            try harness.expectEqual(webhook.deliverySuccessRate, 0.5, "the success rate")
        },
        Case("A 410 response disables the webhook") { harness in
            try await harness.register()
            try await harness.publish()
            let result = try await harness.settle(try await harness.claimOne(), .giveUp(.gone))
            try harness.expectEqual(result, .settled(.gone), "the result")
            try harness.expectEqual(try await harness.webhook().status, .disabled, "the state")
        },
        Case("Deliveries are listed newest first, in pages, to their own account only") { harness in
            try await harness.register()
            for number in 0..<5 {
                try await harness.publish(EventID(unchecked: "evt_\(number)"))
                harness.clock.advance(by: .milliseconds(1))
            }
            let first = try await harness.store.deliveries(Delivery.Query(accountID: "acc_1", limit: 3))
            let rest = try await harness.store.deliveries(
                Delivery.Query(accountID: "acc_1", before: first.last?.delivery.id, limit: 3))
            let events = (first + rest).map(\.delivery.eventID)
            try harness.expectEqual(events, ["evt_4", "evt_3", "evt_2", "evt_1", "evt_0"], "the order")
            let foreign = try await harness.store.deliveries(Delivery.Query(accountID: "acc_2", webhookID: "wh_1"))
            try harness.expect(foreign.isEmpty, "another account sees deliveries")
        },
        Case("The delivery counts are balanced after every step") { harness in
            try await harness.register()
            for number in 0..<12 {
                try await harness.publish(EventID(unchecked: "evt_\(number)"))
                for (index, claimed) in try await harness.claim(2).enumerated() {
                    try await harness.settle(claimed, index == 0 ? .succeed : .retry(after: .seconds(1)))
                }
                let deliveryCounts = try await harness.store.deliveryCounts(of: "acc_1")
                try harness.expect(deliveryCounts.isBalanced, "the delivery counts are not balanced: \(deliveryCounts)")
                try harness.expectEqual(deliveryCounts.accepted, number + 1, "accepted deliveries")
                harness.clock.advance(by: .seconds(1))
            }
        },
        Case("A report after the lease expired is accepted until another worker claims the delivery") { harness in
            try await harness.register()
            try await harness.publish()
            let claimed = try await harness.claimOne()
            harness.clock.advance(by: .seconds(60))
            try harness.expectEqual(try await harness.settle(claimed, .succeed), .settled(nil), "the late report")
            try harness.expect(try await harness.claim().isEmpty, "it was claimed again")
            try harness.expectEqual(
                try await harness.store.deliveryCounts(of: nil).succeeded, 1, "succeeded deliveries")
        },
        Case("A late report is accepted while the delivery waits after repeated expired leases") { harness in
            try await harness.register()
            try await harness.publish()
            _ = try await harness.claimOne()
            harness.clock.advance(by: .seconds(15))
            let second = try await harness.claimOne()
            harness.clock.advance(by: .seconds(15))
            try harness.expect(try await harness.claim().isEmpty, "the delivery does not wait")
            try harness.expectEqual(try await harness.settle(second, .succeed), .settled(nil), "the late report")
            harness.clock.advance(by: .seconds(3600))
            try harness.expect(try await harness.claim().isEmpty, "it was claimed again")
        },
        Case("A late report with a retry schedules the delivery once") { harness in
            try await harness.register()
            try await harness.publish()
            let claimed = try await harness.claimOne()
            harness.clock.advance(by: .seconds(60))
            _ = try await harness.claim(rules: { $0.maximumInFlightPerAccount = 0 })
            try await harness.settle(claimed, .retry(after: .seconds(5)))
            harness.clock.advance(by: .seconds(5))
            try harness.expectEqual(try await harness.claim().count, 1, "claims")
            try harness.expect(try await harness.claim().isEmpty, "it was claimed twice")
        },
        Case("A report with an older fencing token is rejected; the current owner's is accepted") { harness in
            try await harness.register()
            try await harness.publish()
            let first = try await harness.claimOne()
            harness.clock.advance(by: .seconds(15))
            let second = try await harness.claimOne()
            try harness.expectEqual(try await harness.settle(first, .giveUp(.exhausted)), .fenced, "the first report")
            try harness.expectEqual(try await harness.settle(second, .succeed), .settled(nil), "the second report")
            try harness.expectEqual(try await harness.settle(first, .succeed), .fenced, "the first report, repeated")
        },
        Case("Releasing with an older fencing token changes nothing") { harness in
            try await harness.register()
            try await harness.publish()
            let first = try await harness.claimOne()
            harness.clock.advance(by: .seconds(15))
            let second = try await harness.claimOne()
            try await harness.store.release([Release(first.lease)])
            try harness.expect(try await harness.claim().isEmpty, "the delivery of another worker was released")
            try harness.expectEqual(try await harness.settle(second, .succeed), .settled(nil), "the second report")
        },
        Case("Releasing twice or after a report changes nothing") { harness in
            try await harness.register()
            try await harness.publish()
            let claimed = try await harness.claimOne()
            try await harness.store.release([Release(claimed.lease)])
            try await harness.store.release([Release(claimed.lease)])
            let again = try await harness.claimOne()
            try await harness.settle(again, .succeed)
            try await harness.store.release([Release(again.lease)])
            try harness.expectEqual(
                try await harness.store.deliveryCounts(of: nil).succeeded, 1, "succeeded deliveries")
        },
        Case("Reports of unknown deliveries are rejected, and releases of them ignored") { harness in
            try await harness.register()
            try await harness.publish()
            let claimed = try await harness.claimOne()
            let stranger = Lease(
                deliveryID: "del_unknown", webhookID: "wh_1", accountID: "acc_1", token: Lease.FencingToken(1))
            let report = harness.settlement(claimed, .succeed, status: 200)
            let strange = Settlement(
                lease: stranger, attempt: report.attempt, outcome: report.outcome, decision: report.decision)
            let results = try await harness.store.settle([strange, report], rules: StoreHarness.rules)
            try harness.expectEqual(results, [.fenced, .settled(nil)], "the results")
            try await harness.store.release([Release(stranger)])
        },
        Case("Empty batches are accepted") { harness in
            let results = try await harness.store.settle([], rules: StoreHarness.rules)
            try harness.expectEqual(results, [], "the results")
            try await harness.store.release([])
        },
        Case("A settled attempt resets the count of expired leases") { harness in
            try await harness.register(retries: RetryPolicy(clamping: [.zero, .zero, .zero], jitter: 0))
            try await harness.publish()
            for _ in 0..<3 {
                for _ in 0..<Delivery.State.maximumExpiredLeases {
                    _ = try await harness.claimAfterExpiredLeases()
                    harness.clock.advance(by: .seconds(15))
                }
                try await harness.settle(try await harness.claimAfterExpiredLeases(), .retry(after: .zero))
            }
            try harness.expectEqual(try await harness.claimOne().delivery.state.attempts, 3, "finished attempts")
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
