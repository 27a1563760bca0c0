#if SQLite
internal import GRDB
public import WebhookDelivery
internal import WebhookEvents
internal import WebhookSigning

extension SQLiteStore {
    /// Records attempts and moves their deliveries on.
    public func settle(_ settlements: [Settlement], rules: DeliveryRules) async throws -> [Delivery.OnSettle] {
        let now = clock.now
        return try await write { db in
            var round = SettleRound(at: now, rules: rules)
            let results = settlements.map { settlement in
                // A row that cannot be read must not hold up the rest of its batch.
                let delivery = try? Self.delivery(settlement.lease.delivery, db)
                let webhook = try? self.webhook(settlement.lease.webhook, db)
                return round.settle(settlement, delivery, webhook: webhook?.webhook)
            }
            for (delivery, attempt) in round.settled {
                try delivery.update(db)
                try attempt.insert(of: delivery, db)
            }
            for webhook in round.webhooks.values { try webhook.update(db) }
            for (account, report) in round.accounts {
                try AccountQueue.settled(account, due: report.isFreed ? now : report.retryAt, at: now, db)
            }
            return results
        }
    }

    /// Gives back deliveries of which nothing was sent.
    public func release(_ leases: [Lease]) async throws {
        let now = clock.now
        try await write { db in
            for lease in leases {
                guard var delivery = try Self.delivery(lease.delivery, db),
                    delivery.release(token: lease.token, at: now)
                else { continue }
                try delivery.update(db)
                try AccountQueue.wake(delivery.account, at: now, db)
            }
        }
    }

    static func delivery(_ id: DeliveryID, _ db: Database) throws -> Delivery? {
        let statement = try db.cachedStatement(sql: "SELECT * FROM taskflow_deliveries WHERE id = ?")
        return try Row.fetchOne(statement, arguments: [id.rawValue]).map(Delivery.init(row:))
    }
}
#endif
