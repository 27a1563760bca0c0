#if SQLite
internal import GRDB
public import WebhookDelivery
internal import WebhookEvents
internal import WebhookSigning

extension SQLiteStore {
    /// Leases due deliveries, one account after the other.
    public func claim(_ request: ClaimRequest) async throws -> ClaimReply {
        let now = clock.now
        return try await database.write { db in
            let nextRecovery = try Self.advanceRecoveries(at: now, db)
            let heads = try ClaimHead.all(db)
            var claim = try ClaimInProgress(heads.filter { $0.due <= now }, request, at: now, db)
            try claim.run(db)
            let waiting = heads.map(\.due).filter { $0 > now } + (nextRecovery.map { [$0] } ?? [])
            return try claim.reply(waiting: waiting.min(), db)
        }
    }

    /// Records attempts and moves their deliveries on.
    public func settle(_ settlements: [Settlement], rules: DeliveryRules) async throws -> [Delivery.OnSettle] {
        let now = clock.now
        return try await database.write { db in
            var webhooks: [WebhookID: Webhook] = [:]
            let results = try settlements.map { settlement -> Delivery.OnSettle in
                let id = settlement.lease.webhook
                // A row that cannot be read must not hold up the rest of its batch.
                guard var delivery = try? Self.delivery(settlement.lease.delivery, db),
                    var webhook = webhooks[id] ?? (try? Self.webhook(id, db))?.webhook
                else { return .fenced }
                let result = delivery.settle(settlement, webhook: &webhook, at: now, rules: rules)
                guard case .settled = result else { return result }
                try delivery.update(db)
                try settlement.attempt.insert(db, settlement.lease)
                webhooks[id] = webhook
                return result
            }
            for webhook in webhooks.values { try webhook.update(db) }
            return results
        }
    }

    /// Gives back deliveries of which nothing was sent.
    public func release(_ leases: [Lease]) async throws {
        let now = clock.now
        try await database.write { db in
            for lease in leases {
                guard var delivery = try Self.delivery(lease.delivery, db),
                    delivery.release(token: lease.token, at: now)
                else { continue }
                try delivery.update(db)
            }
        }
    }

    static func delivery(_ id: DeliveryID, _ db: Database) throws -> Delivery? {
        let statement = try db.cachedStatement(sql: "SELECT * FROM taskflow_deliveries WHERE id = ?")
        return try Row.fetchOne(statement, arguments: [id.rawValue]).map(Delivery.init(row:))
    }
}
#endif
