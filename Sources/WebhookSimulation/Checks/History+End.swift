internal import WebhookDelivery
internal import WebhookEvents

extension History {
    /// Checks the end of a run, after all faults and all work: nothing is lost or duplicated, and all counts are right.
    func checkEnd(store: any WebhookStore, effects: Effects, isFaultFree: Bool) {
        do {
            let deliveryCounts = try effects.run { try await store.deliveryCounts(of: nil) }
            check(deliveryCounts)
            for webhook in webhooks.values where webhook.deletedAt == nil {
                let kept = try effects.run { [id = webhook.id, account = webhook.account] in
                    try await store.webhook(id, account: account)?.webhook
                }
                guard let kept else {
                    violate("1: \(webhook.id) is lost")
                    continue
                }
                expect(kept.succeededDeliveries == webhook.succeeded, "52: the success count of \(webhook.id) is wrong")
                expect(kept.finishedDeliveries == webhook.finished, "52: the delivery count of \(webhook.id) is wrong")
            }
            for account in Set(webhooks.values.map(\.account)) {
                let query = Delivery.Query(accountID: account, limit: .max)
                for kept in try effects.run({ try await store.deliveries(query) }) {
                    check(kept)
                    guard let track = deliveries[kept.delivery.id], !track.exchanges.isEmpty else { continue }
                    let whole = try effects.run { [id = track.id] in try await store.delivery(id, account: account) }
                    guard let whole else {
                        violate("53: \(track.id) has no history")
                        continue
                    }
                    checkExchanges(of: whole, track)
                }
            }
        } catch {
            violate("the store failed at the end: \(error)")
        }
        for track in deliveries.values {
            let extra = track.requests - track.settled
            let allowed = isFaultFree ? 0 : track.exposures
            expect(extra <= allowed, "duplicates: \(track.id) was sent \(extra) times too often, for \(allowed) faults")
            if extra > 0 { happened("requests repeated after a fault") }
        }
    }

    /// Returns whether a host that is still running has received responses that it has not reported.
    func owesReports(_ host: Int) -> Bool {
        clockSetAt == nil && (inFlight[host]?.unsettled ?? []).contains { $0.answer != nil }
    }

    private func check(_ deliveryCounts: DeliveryCounts) {
        expect(deliveryCounts.isBalanced, "1: the delivery counts are not balanced: \(deliveryCounts)")
        var expected = DeliveryCounts()
        expected.accepted = deliveries.count
        for track in deliveries.values { expected.add(1, track.status) }
        expect(deliveryCounts == expected, "1: the delivery counts are \(deliveryCounts), the history has \(expected)")
    }

    private func check(_ kept: Delivery.History) {
        guard let track = deliveries[kept.delivery.id] else {
            return violate("1: the store has an unknown delivery \(kept.delivery.id)")
        }
        // After an expired lease, a delivery may wait before it is claimed again.
        let state = kept.delivery.state
        expect(
            state.status == track.status || state.reason == .leaseExpired,
            "1: \(track.id) is \(state.status), not \(track.status)")
        expect(
            kept.attempts.map(\.number) == Array(1..<track.settled + 1),
            "51: \(track.id) has the attempts \(kept.attempts.map(\.number)) instead of \(track.settled)")
    }
}
