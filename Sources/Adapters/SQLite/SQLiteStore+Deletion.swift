#if SQLite
internal import GRDB
public import WebhookEvents
internal import WebhookLimits

extension SQLiteStore {
    /// How many deliveries of each kind one step of a deletion cancels: all other writes wait for the step.
    private static let deletionStep = 300

    /// The result of one step of a deletion.
    private enum DeletionStep { case unknown, more, over }

    /// Deletes a webhook and cancels its open deliveries.
    ///
    /// Other writes run between the steps: a webhook may have 100 000 open deliveries, and a file has one writer. The
    /// first step disables the webhook, so after an interrupted deletion nothing more is sent, and the call can be
    /// repeated.
    public func delete(_ id: WebhookID, account: AccountID) async throws -> Bool {
        let now = clock.now
        var hasBegun = false
        while true {
            switch try await write(of: account, { db in try Self.deletePart(of: id, account: account, now: now, db) }) {
            case .unknown: return hasBegun
            case .over: return true
            case .more: hasBegun = true
            }
        }
    }

    private static func deletePart(
        of id: WebhookID, account: AccountID, now: Timestamp, _ db: Database
    ) throws -> DeletionStep {
        // Reads only key and quota, so that an unreadable webhook can be deleted.
        let quota = try db.first(
            "SELECT quota_day, quota_used FROM taskflow_webhooks WHERE id = ? AND account = ?", id.rawValue,
            account.rawValue
        ) { DailyQuota(day: $0.integer(), used: $0.int()) }
        guard let quota else { return .unknown }
        if try cancelSome(of: id, account: account, now: now, db) {
            try db.run("UPDATE taskflow_webhooks SET state = 'disabled' WHERE id = ?", id.rawValue)
            return .more
        }
        var day = try day(of: account, db)
        day.depart(quota, now: now)
        try write(day, of: account, db)
        try db.run("DELETE FROM taskflow_webhooks WHERE id = ?", id.rawValue)
        // Its leases used slots of the account.
        try AccountQueue.wake(account, at: now, db)
        return .over
    }

    /// Cancels open deliveries, including unreadable ones.
    ///
    /// Each kind uses its own index, because the webhook's history may be long.
    ///
    /// - Returns: `true` when there may be more.
    private static func cancelSome(
        of id: WebhookID, account: AccountID, now: Timestamp, _ db: Database
    ) throws -> Bool {
        let kinds = [
            "INDEXED BY taskflow_deliveries_due WHERE webhook = ?2 AND status = 'pending' AND hold = ''",
            "INDEXED BY taskflow_deliveries_chains WHERE webhook = ?2 AND is_open = 1 AND ordering_key IS NOT NULL",
            "INDEXED BY taskflow_deliveries_leased WHERE webhook = ?2 AND status = 'leased'",
            "INDEXED BY taskflow_deliveries_unreadable WHERE webhook = ?2 AND hold = 'unreadable' AND is_open = 1",
        ]
        var hasMore = false
        for kind in kinds {
            try db.run(
                """
                UPDATE taskflow_deliveries SET status = 'cancelled', reason = 'webhook_deleted', due_at = ?1
                WHERE sequence IN (
                    SELECT sequence FROM taskflow_deliveries \(kind) AND account = ?3 LIMIT \(deletionStep))
                """, now.microseconds, id.rawValue, account.rawValue)
            if db.changesCount >= deletionStep { hasMore = true }
        }
        return hasMore
    }
}
#endif
