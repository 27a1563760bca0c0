#if SQLite
internal import Foundation
internal import GRDB
public import WebhookDelivery
public import WebhookEvents
public import WebhookLimits
public import WebhookSigning
internal import WebhookStoreKit

extension SQLiteStore {
    /// Adds a webhook, unless its account has reached a limit.
    public func create(_ registered: RegisteredWebhook, limits: ServiceLimits) async throws {
        let (now, account) = (clock.now, registered.webhook.accountID)
        try await write(of: account) { db in
            guard try !Self.exists(registered.id, db) else { return }
            try limits.checkWebhooks(existing: Self.countingWebhooks(of: account, now: now, limits: limits, db))
            var (registered, day) = (registered, try Self.day(of: account, db))
            registered.webhook.quota = try day.register(now: now, limits: limits)
            try self.insert(registered, db)
            try AccountQueue.add(account, db)
            try Self.write(day, of: account, db)
        }
    }

    /// Returns how many webhooks count towards the limit of an account.
    private static func countingWebhooks(
        of account: AccountID, now: Timestamp, limits: ServiceLimits, _ db: Database
    ) throws -> Int {
        let sql = """
            SELECT COUNT(*) FROM taskflow_webhooks WHERE account = ?1 AND NOT \(Webhook.retiredCondition(before: "?2"))
            """
        return try db.first(sql, account.rawValue, (now - limits.retirementGrace).microseconds) { $0.int() } ?? 0
    }

    /// Returns retired webhooks.
    public func retiredWebhooks(before: Timestamp, limit: Int) async throws -> [Webhook.Key] {
        try await database.read { db in
            var found: [Webhook.Key] = []
            try db.each(
                """
                SELECT account, id FROM taskflow_webhooks
                WHERE (state = 'disabled' OR expires_at IS NOT NULL) AND \(Webhook.retiredCondition(before: "?1")) LIMIT ?2
                """, before.microseconds, max(0, limit)
            ) { row in
                let account = AccountID(unchecked: row.text())
                found.append(Webhook.Key(accountID: account, webhookID: WebhookID(unchecked: row.text())))
            }
            return found
        }
    }

    static func exists(_ id: WebhookID, _ db: Database) throws -> Bool {
        try db.first("SELECT 1 FROM taskflow_webhooks WHERE id = ?", id.rawValue) { $0.bool() } ?? false
    }

    static func day(of account: AccountID, _ db: Database) throws -> ServiceLimits.AccountDay {
        let sql = "SELECT day FROM taskflow_accounts WHERE account = ?"
        return ServiceLimits.AccountDay(stored: try db.first(sql, account.rawValue) { $0.text() } ?? "")
    }

    static func write(_ day: ServiceLimits.AccountDay, of account: AccountID, _ db: Database) throws {
        try db.run("UPDATE taskflow_accounts SET day = ? WHERE account = ?", day.stored, account.rawValue)
    }

    /// Returns an account's webhooks, oldest first.
    public func webhooks(of account: AccountID) async throws -> [Webhook] {
        try await database.read { db in try self.read(of: account, db).webhooks }
    }

    /// Returns the identifiers of an account's unreadable webhooks.
    public func unreadableWebhooks(of account: AccountID) async throws -> [WebhookID] {
        try await database.read { db in try self.read(of: account, db).unreadable }
    }

    private func read(
        of account: AccountID, _ db: Database
    ) throws -> (webhooks: [Webhook], unreadable: [WebhookID]) {
        let sql = "SELECT id, \(Self.webhookColumns) FROM taskflow_webhooks WHERE account = ? ORDER BY created_at, id"
        var (webhooks, unreadable): ([Webhook], [WebhookID]) = ([], [])
        try db.each(sql, account.rawValue) { columns in
            let id = WebhookID(unchecked: columns.text())
            if let webhook = try? webhook(&columns).webhook { webhooks.append(webhook) } else { unreadable.append(id) }
        }
        return (webhooks, unreadable)
    }

    func webhook(_ id: WebhookID, _ db: Database) throws -> RegisteredWebhook? {
        try db.first("SELECT \(Self.webhookColumns) FROM taskflow_webhooks WHERE id = ?", id.rawValue) { columns in
            do { return try webhook(&columns) } catch { throw DeliveryError.unreadable(id, because: error) }
        }
    }

    /// Returns a webhook with its secrets.
    public func webhook(_ id: WebhookID, account: AccountID) async throws -> RegisteredWebhook? {
        let webhook = try await database.read { db in try self.webhook(id, db) }
        return webhook?.webhook.accountID == account ? webhook : nil
    }

    /// Updates a webhook's settings.
    public func update(
        _ id: WebhookID, _ update: Webhook.Update, account: AccountID, limits: ServiceLimits
    ) async throws -> Webhook? {
        let now = clock.now
        return try await change(id, of: account, limits: limits) { webhook in webhook.apply(update, now: now) }
    }

    /// Disables a webhook.
    public func disable(_ id: WebhookID, account: AccountID) async throws -> Webhook? {
        let now = clock.now
        return try await change(id, of: account) { webhook in webhook.disable(now: now) }
    }

    /// Changes a webhook in one write; returns `nil` when the account has no webhook with this identifier.
    ///
    /// With `limits`, the change is refused if the webhook would count towards its account's limit again and the limit is
    /// reached. With `isTrial`, the change is checked and not stored.
    func change(
        _ id: WebhookID, of account: AccountID, limits: ServiceLimits? = nil, isTrial: Bool = false,
        _ body: @escaping @Sendable (inout Webhook) -> Void
    ) async throws -> Webhook? {
        let now = clock.now
        return try await write(of: account) { db in
            guard var webhook = try self.webhook(id, db)?.webhook, webhook.accountID == account else { return nil }
            let old = webhook
            body(&webhook)
            if let limits, webhook.countsAgain(after: old, now: now, limits: limits) {
                try limits.checkWebhooks(existing: Self.countingWebhooks(of: account, now: now, limits: limits, db))
            }
            if isTrial { return webhook }
            try self.updateSettings(of: webhook, db)
            try webhook.update(db)
            // Deliveries that waited under the old settings may be due under the new ones.
            try AccountQueue.wake(account, at: now, db)
            return webhook
        }
    }

    /// Changes a webhook's secrets.
    public func changeSecrets(
        of id: WebhookID, _ change: SecretRotation.Change, account: AccountID
    ) async throws -> SecretRotation? {
        let now = clock.now
        return try await write(of: account) { db in
            guard var registered = try self.webhook(id, db), registered.webhook.accountID == account else { return nil }
            try registered.secrets.apply(change, now: now)
            let statement = try db.cachedStatement(
                sql: """
                    UPDATE taskflow_webhooks SET secrets = ?, version = MIN(version, 1 << 60) + 1, updated_at = ?
                    WHERE id = ?
                    """)
            try statement.execute(
                arguments: [self.encoded(registered.secrets, of: id), now.microseconds, id.rawValue])
            return registered.secrets
        }
    }
}
#endif
