#if SQLite
internal import GRDB
public import WebhookEvents

extension SQLiteStore {
    /// Removes old events.
    public func prune(before: Timestamp, limit: Int) async throws -> Int {
        try await remove(
            """
            SELECT account, id FROM taskflow_events e
            WHERE published_at < ? AND NOT EXISTS (
                SELECT 1 FROM taskflow_deliveries d WHERE d.account = e.account AND d.event = e.id
                    AND (d.is_open = 1 OR d.due_at >= ?))
            ORDER BY published_at LIMIT ?
            """, [before.microseconds, before.microseconds], limit)
    }

    /// Removes an account's events and replays.
    public func erase(_ account: AccountID, limit: Int) async throws -> Int {
        try await write { db in
            try db.execute(sql: "DELETE FROM taskflow_replays WHERE account = ?", arguments: [account.rawValue])
            // Unreadable identifiers cannot be deleted by identifier.
            try db.execute(sql: "DELETE FROM taskflow_webhooks WHERE account = ?", arguments: [account.rawValue])
        }
        // Events with deliveries first, then those without: no index has all events of an account.
        let delivered = try await remove(
            "SELECT DISTINCT account, event AS id FROM taskflow_deliveries WHERE account = ? LIMIT ?",
            [account.rawValue], limit)
        guard delivered < limit else { return delivered }
        return try await delivered
            + remove(
                "SELECT account, id FROM taskflow_events WHERE account = ? AND fan_out = 0 LIMIT ?", [account.rawValue],
                limit - delivered)
    }

    /// Removes old bodies of responses.
    public func removeResponseBodies(before: Timestamp, limit: Int) async throws -> Int {
        try await write { db in
            try db.run(
                """
                DELETE FROM taskflow_response_bodies WHERE rowid IN (
                    SELECT rowid FROM taskflow_response_bodies WHERE started_at < ? ORDER BY started_at LIMIT ?)
                """, before.microseconds, max(0, limit))
            return db.changesCount
        }
    }

    /// Removes the events that a statement returns, with their deliveries and attempts, in one short transaction.
    private func remove(_ sql: String, _ arguments: StatementArguments, _ limit: Int) async throws -> Int {
        try await write { db in
            let events = try Row.fetchAll(db, sql: sql, arguments: arguments + [max(0, limit)])
            for event in events {
                let key: StatementArguments = [event["account"] as String, event["id"] as String]
                for table in ["taskflow_response_bodies", "taskflow_attempts"] {
                    try db.cachedStatement(
                        sql: """
                            DELETE FROM \(table) WHERE delivery IN (
                                SELECT id FROM taskflow_deliveries WHERE account = ? AND event = ?)
                            """
                    ).execute(arguments: key)
                }
                try db.cachedStatement(sql: "DELETE FROM taskflow_deliveries WHERE account = ? AND event = ?")
                    .execute(arguments: key)
                try db.cachedStatement(sql: "DELETE FROM taskflow_events WHERE account = ? AND id = ?")
                    .execute(arguments: key)
            }
            return events.count
        }
    }
}
#endif
