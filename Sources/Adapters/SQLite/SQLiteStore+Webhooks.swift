#if SQLite
internal import Foundation
internal import GRDB
public import WebhookDelivery
public import WebhookEvents
public import WebhookLimits
public import WebhookSigning

extension SQLiteStore {
    /// Adds a webhook, unless its account has reached the limit.
    public func create(_ webhook: RegisteredWebhook, limits: WebhookLimits) async throws {
        try await database.write { db in
            guard try Self.webhook(webhook.id, db) == nil else { return }
            let sql = "SELECT COUNT(*) FROM taskflow_webhooks WHERE account = ?"
            let count = try Int.fetchOne(db, sql: sql, arguments: [webhook.webhook.account.rawValue]) ?? 0
            try limits.checkWebhooks(existing: count)
            try webhook.insert(db)
        }
    }

    /// An account's webhooks, oldest first.
    public func webhooks(of account: AccountID) async throws -> [Webhook] {
        try await database.read { db in try Self.webhooks(of: account, db).map(\.webhook) }
    }

    static func webhooks(of account: AccountID, _ db: Database) throws -> [RegisteredWebhook] {
        let sql = "SELECT * FROM taskflow_webhooks WHERE account = ? ORDER BY created_at, id"
        return try Row.fetchAll(db.cachedStatement(sql: sql), arguments: [account.rawValue])
            .map(RegisteredWebhook.init(row:))
    }

    static func webhook(_ id: WebhookID, _ db: Database) throws -> RegisteredWebhook? {
        let statement = try db.cachedStatement(sql: "SELECT * FROM taskflow_webhooks WHERE id = ?")
        return try Row.fetchOne(statement, arguments: [id.rawValue]).map(RegisteredWebhook.init(row:))
    }

    /// Puts a webhook into another state.
    public func setState(of id: WebhookID, account: AccountID, to state: Webhook.State) async throws -> Webhook? {
        try await database.write { db in
            guard var webhook = try Self.webhook(id, db)?.webhook, webhook.account == account else { return nil }
            webhook.state = state
            try webhook.update(db)
            return webhook
        }
    }

    /// Changes a webhook's secrets.
    public func changeSecrets(
        of id: WebhookID, account: AccountID, _ change: SecretRotation.Step
    ) async throws -> SecretRotation? {
        let now = clock.now
        return try await database.write { db in
            guard var webhook = try Self.webhook(id, db), webhook.webhook.account == account else { return nil }
            try webhook.secrets.apply(change, now: now)
            let statement = try db.cachedStatement(sql: "UPDATE taskflow_webhooks SET secrets = ? WHERE id = ?")
            try statement.execute(arguments: [Data(webhook.secrets.encoded()), id.rawValue])
            return webhook.secrets
        }
    }

    /// Deletes a webhook and cancels its open deliveries.
    public func delete(_ id: WebhookID, account: AccountID) async throws -> Bool {
        let now = clock.now
        return try await database.write { db in
            guard try Self.webhook(id, db)?.webhook.account == account else { return false }
            let sql = """
                SELECT * FROM taskflow_deliveries WHERE webhook = ? AND status IN ('pending', 'leased') ORDER BY due_at, id
                """
            for row in try Row.fetchAll(db, sql: sql, arguments: [id.rawValue]) {
                var delivery = try Delivery(row: row)
                delivery.state.cancel(at: now)
                try delivery.update(db)
            }
            try db.execute(sql: "DELETE FROM taskflow_webhooks WHERE id = ?", arguments: [id.rawValue])
            return true
        }
    }
}
#endif
