#if SQLite
internal import GRDB
internal import WebhookEvents
internal import WebhookSigning

extension SQLiteStore {
    /// Checks the file for damage and the tables for contradictions.
    ///
    /// The check reads the whole file and blocks no writer; run it after a crash of the machine, or regularly on a
    /// copy.
    ///
    /// - Returns: A sentence for each fault; empty when there is none.
    /// - Throws: `DatabaseError` when the file cannot be read at all.
    public func checkIntegrity() async throws -> [String] {
        try await database.read { db in
            var faults: [String] = []
            try db.each("PRAGMA integrity_check") { columns in
                let line = columns.text()
                if line != "ok" { faults.append("The file is damaged: \(line)") }
            }
            try db.each(
                """
                SELECT w.id, w.open, COUNT(d.sequence) FROM taskflow_webhooks w
                LEFT JOIN taskflow_deliveries d ON d.account = w.account AND d.webhook = w.id AND d.is_open = 1
                GROUP BY w.id HAVING w.open <> COUNT(d.sequence)
                """
            ) { columns in
                let (id, open, count) = (columns.text(), columns.int(), columns.int())
                faults.append("The webhook \(id) has \(count) open deliveries, but its counter says \(open)")
            }
            try db.each(
                """
                SELECT d.id FROM taskflow_deliveries d WHERE d.is_open = 1 AND (
                    NOT EXISTS (SELECT 1 FROM taskflow_webhooks w WHERE w.id = d.webhook)
                    OR NOT EXISTS (SELECT 1 FROM taskflow_events e WHERE e.account = d.account AND e.id = d.event))
                """
            ) { faults.append("The open delivery \($0.text()) refers to a missing webhook or event") }
            try db.each(
                """
                SELECT id FROM taskflow_events e WHERE fan_out <> (
                    SELECT COUNT(*) FROM taskflow_deliveries d WHERE d.account = e.account AND d.event = e.id)
                """
            ) { faults.append("The event \($0.text()) does not have the number of deliveries that was published") }
            try db.each(
                """
                SELECT webhook, ordering_key FROM taskflow_deliveries
                WHERE is_open = 1 AND ordering_key IS NOT NULL
                GROUP BY webhook, ordering_key HAVING SUM(hold = '') <> 1 AND SUM(hold = 'unreadable') = 0
                """
            ) { columns in
                let (webhook, key) = (columns.text(), columns.text())
                faults.append("The ordering key \(key) of \(webhook) does not have exactly one delivery without a hold")
            }
            return faults
        }
    }

    /// Retries rows that an earlier process could not read, because this process may have a later version.
    static func retryUnreadable(now: Timestamp, _ db: Database) throws {
        guard
            try db.first("SELECT 1 FROM taskflow_deliveries WHERE hold = 'unreadable' LIMIT 1", reading: { $0.int() })
                != nil
        else { return }
        try db.run(
            """
            UPDATE taskflow_accounts SET due_at = MIN(COALESCE(due_at, ?1), ?1)
            WHERE account IN (SELECT account FROM taskflow_deliveries WHERE hold = 'unreadable')
            """, now.microseconds)
        try db.run(
            "UPDATE taskflow_deliveries SET hold = CASE WHEN ordering_key IS NULL THEN '' ELSE 'order' END WHERE hold = 'unreadable'"
        )
        try db.run(
            """
            UPDATE taskflow_deliveries AS d SET hold = ''
            WHERE is_open = 1 AND hold = 'order' AND NOT EXISTS (
                SELECT 1 FROM taskflow_deliveries o WHERE o.webhook = d.webhook AND o.ordering_key = d.ordering_key
                    AND o.is_open = 1 AND (o.hold = '' OR o.sequence < d.sequence))
            """)
    }

    /// Makes deliveries due that a clock far ahead has postponed: no regular wait or lease is that long.
    ///
    /// The longest wait of a schedule is 7 days, and the daily quota postpones until the next day.
    static func resetFarPostponements(now: Timestamp, _ db: Database) throws {
        let day = Duration.seconds(86_400)
        try db.run(
            """
            UPDATE taskflow_deliveries SET due_at = ?1 WHERE sequence IN (
                SELECT d.sequence FROM taskflow_webhooks w
                JOIN taskflow_deliveries d INDEXED BY taskflow_deliveries_due
                    ON d.webhook = w.id AND d.is_retry IN (0, 1) AND d.due_at > ?2
                WHERE d.status = 'pending' AND d.hold = '' AND (d.reason = 'daily_limit' OR d.due_at > ?3)
                UNION ALL
                SELECT sequence FROM taskflow_deliveries WHERE status = 'leased' AND due_at > ?2)
            """, now.microseconds, (now + day * 2).microseconds, (now + day * 8).microseconds)
        guard db.changesCount > 0 else { return }
        try db.run(
            "UPDATE taskflow_accounts SET due_at = ?1 WHERE due_at IS NULL OR due_at > ?1", now.microseconds)
    }

    /// Seals all secrets and custom header fields again, under the current key of the sealing.
    ///
    /// For a file that was written without a sealing, and after a key rotation: afterwards the old key is no longer
    /// needed.
    ///
    /// - Returns: How many webhooks were sealed.
    /// - Throws: `SigningError` when a value cannot be opened, `DatabaseError`; nothing has then changed.
    @discardableResult
    public func reseal() async throws -> Int {
        try await write { [secretColumn] db in
            var rows: [(id: String, secrets: [UInt8], headers: [UInt8])] = []
            try db.each("SELECT id, secrets, headers FROM taskflow_webhooks") {
                rows.append(($0.text(), $0.bytes(), $0.bytes()))
            }
            for row in rows {
                let secrets = try secretColumn.reencode(row.secrets, owner: row.id)
                let headers = try secretColumn.reencode(row.headers, owner: row.id + "/headers")
                try db.run(
                    "UPDATE taskflow_webhooks SET secrets = ?, headers = ? WHERE id = ?", secrets, headers, row.id)
            }
            return rows.count
        }
    }
}
#endif
