#if SQLite
internal import GRDB
public import WebhookDelivery
internal import WebhookEvents
internal import WebhookSigning
internal import WebhookStoreKit

extension SQLiteStore {
    /// Stores attempts and the next states of their deliveries.
    public func settle(
        _ settlements: [Settlement], rules: DeliveryRules, mayWait: Bool
    ) async throws -> [Delivery.SettleResult] {
        let now = clock.now
        return try await write { db in
            var round = SettleRound(now: now, rules: rules)
            let results = settlements.map { settlement in
                // An unreadable row must not hold up the rest of its batch.
                let delivery = try? Self.delivery(settlement.lease.deliveryID, account: settlement.lease.accountID, db)
                let id = settlement.lease.webhookID
                let webhook = round.webhooks[id] ?? (try? self.webhook(id, db))?.webhook
                return round.settle(settlement, delivery, webhook: webhook)
            }
            var closed: [WebhookID: Int] = [:]
            for (delivery, attempt) in round.settled {
                try delivery.update(isCounted: true, db)
                if delivery.state.status.isFinal { closed[delivery.webhookID, default: 0] += 1 }
                try attempt.insert(of: delivery, db)
            }
            for webhook in round.webhooks.values { try webhook.update(closed: closed[webhook.id] ?? 0, db) }
            for (account, report) in round.accounts {
                try AccountQueue.settled(account, due: report.isFreed ? now : report.retryAt, now: now, db)
            }
            return results
        }
    }

    /// Releases deliveries without an attempt.
    public func release(_ releases: [Release], mayWait: Bool) async throws -> [Release] {
        let now = clock.now
        return try await write { db in
            for release in releases {
                let lease = release.lease
                // An unreadable row must not hold up the rest of its batch.
                guard var delivery = try? Self.delivery(lease.deliveryID, account: lease.accountID, db),
                    delivery.release(release, now: now)
                else { continue }
                try delivery.update(db)
                try AccountQueue.wake(delivery.accountID, at: delivery.state.dueAt, db)
            }
            return []
        }
    }

    static func delivery(_ id: DeliveryID, account: AccountID, _ db: Database) throws -> Delivery? {
        try db.first(
            "SELECT \(Delivery.columns) FROM taskflow_deliveries WHERE account = ? AND id = ?", account.rawValue,
            id.rawValue
        ) { try Delivery(reading: &$0) }
    }
}
#endif
