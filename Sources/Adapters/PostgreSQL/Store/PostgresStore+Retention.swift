#if PostgreSQL
public import WebhookEvents
internal import WebhookSigning
internal import WebhookStoreKit

extension PostgresStore {
    /// Removes old events.
    public func prune(before: Timestamp, limit: Int) async throws -> Int {
        try await remove(
            where: """
                e.published_at < $2 AND (
                    SELECT true FROM {schema}.queue AS q WHERE q.account = e.account AND q.event = e.id LIMIT 1) IS NULL
                AND (
                    SELECT true FROM {schema}.deliveries AS d
                    WHERE d.account = e.account AND d.event = e.id AND d.due_at >= $2 LIMIT 1) IS NULL
                ORDER BY e.published_at
                """, [.integer(max(0, limit)), .time(before)])
    }

    /// Removes an account's events and replays.
    public func erase(_ account: AccountID, limit: Int) async throws -> Int {
        try await pool.run(for: account, isLong: true) { [self] session in
            _ = try session.alone([
                schema.lock([account]),
                PostgresStatement("DELETE FROM \(schema.name).replays WHERE account = $1", .text(account.rawValue)),
                // Unreadable identifiers cannot be deleted by identifier.
                PostgresStatement("DELETE FROM \(schema.name).webhooks WHERE account = $1", .text(account.rawValue)),
                PostgresStatement(
                    "DELETE FROM \(schema.name).webhook_progress WHERE account = $1", .text(account.rawValue)),
            ])
        }
        return try await remove(where: "e.account = $2", [.integer(max(0, limit)), .text(account.rawValue)])
    }

    /// Removes events with their deliveries and attempts, in one short transaction.
    private func remove(where condition: String, _ parameters: [PostgresParameter]) async throws -> Int {
        let sql = """
            WITH chosen AS MATERIALIZED (
                SELECT e.account, e.id, e.published_at FROM {schema}.events AS e
                WHERE e.account = ANY ($3) AND \(condition) LIMIT $1
            ), events AS (
                DELETE FROM {schema}.events AS e USING chosen AS c
                WHERE e.account = c.account AND e.id = c.id AND e.published_at = c.published_at RETURNING 1
            ), keys AS (
                DELETE FROM {schema}.event_keys AS k USING chosen AS c WHERE k.account = c.account AND k.id = c.id
            ), queued AS (
                DELETE FROM {schema}.queue AS q USING chosen AS c WHERE q.account = c.account AND q.event = c.id
                RETURNING q.account, q.id
            ), ended AS (
                DELETE FROM {schema}.deliveries AS d USING chosen AS c WHERE d.account = c.account AND d.event = c.id
                RETURNING d.account, d.id
            ), attempts AS (
                DELETE FROM {schema}.attempts AS a USING (SELECT * FROM queued UNION ALL SELECT * FROM ended) AS d
                WHERE a.account = d.account AND a.delivery = d.id
            ), bodies AS (
                DELETE FROM {schema}.response_bodies AS b
                USING (SELECT * FROM queued UNION ALL SELECT * FROM ended) AS d
                WHERE b.account = d.account AND b.delivery = d.id
            )
            SELECT count(*) FROM events
            """
        let accounts = """
            SELECT DISTINCT account FROM (SELECT e.account FROM {schema}.events AS e WHERE \(condition) LIMIT $1) AS e
            """
        return try await pool.run(isLong: true) { [self] session in
            func statement(_ text: String, _ parameters: [PostgresParameter]) -> PostgresStatement {
                PostgresStatement(text.replacing("{schema}", with: schema.name), parameters)
            }
            let found = try session.begin([statement(accounts, parameters)])[0].rows.map { row in
                var row = row
                return AccountID(unchecked: try row.text())
            }
            // Selected again under their locks: a redelivery may have been created meanwhile.
            let results = try session.commit([
                schema.lock(found), statement(sql, parameters + [.texts(found.map(\.rawValue))]),
            ])
            guard var row = results[1].first else { return 0 }
            return Int(clamping: try row.integer())
        }
    }

    /// Removes old bodies of responses.
    public func removeResponseBodies(before: Timestamp, limit: Int) async throws -> Int {
        try await pool.run(isLong: true) { [schema] session in
            let results = try session.alone([
                PostgresStatement(
                    """
                    WITH gone AS (
                        DELETE FROM \(schema.name).response_bodies WHERE (account, delivery, number) IN (
                            SELECT account, delivery, number FROM \(schema.name).response_bodies
                            WHERE started_at < $1 ORDER BY started_at LIMIT $2)
                        RETURNING 1)
                    SELECT count(*) FROM gone
                    """, .time(before), .integer(max(0, limit)))
            ])
            guard var row = results[0].first else { return 0 }
            return try row.int()
        }
    }

    /// Seals all secrets and custom header fields again, under the current key of the sealing.
    ///
    /// For tables that were written without a sealing, and after a key rotation: afterwards the old key is no longer
    /// needed. It runs in small transactions, and can be repeated when it was interrupted.
    ///
    /// - Returns: How many webhooks were sealed.
    /// - Throws: `SigningError` when a value cannot be opened, ``PostgresError``.
    @discardableResult
    public func reseal() async throws -> Int {
        var (count, last) = (0, AccountKey(account: "", id: ""))
        while let next = try await reseal(after: last) { (count, last) = (count + 1, next) }
        return count
    }

    /// Seals the secrets of the next webhook after a key.
    private func reseal(after last: AccountKey) async throws -> AccountKey? {
        try await pool.run { [self] session in
            let results = try session.begin([
                PostgresStatement(
                    """
                    SELECT account, id, secrets, headers FROM \(schema.name).webhooks WHERE (account, id) > ($1, $2)
                    ORDER BY account, id LIMIT 1 FOR UPDATE
                    """, .text(last.account), .text(last.id))
            ])
            guard var row = results[0].first else {
                try session.commit()
                return nil
            }
            let key = AccountKey(account: try row.text(), id: try row.text())
            let secrets = try secretColumn.reencode(row.bytes(), owner: key.id)
            let headers = try secretColumn.reencode(row.bytes(), owner: key.id + "/headers")
            try session.commit([
                PostgresStatement(
                    "UPDATE \(schema.name).webhooks SET secrets = $3, headers = $4 WHERE account = $1 AND id = $2",
                    .text(key.account), .text(key.id), .bytes(secrets), .bytes(headers))
            ])
            return key
        }
    }

    private func oldestPartition(before: Timestamp) async throws -> String? {
        try await pool.run(isLong: true) { [schema] session in
            let sql = "SELECT \(schema.name).oldest_partition($1)"
            guard var row = try session.alone([PostgresStatement(sql, .time(before))])[0].first else { return nil }
            return try row.optionalText()
        }
    }

    /// Removes the keys of a day's events, in small transactions.
    private func forgetKeys(of day: String) async throws -> Int {
        var (last, count): (AccountKey?, Int64) = (AccountKey(account: "", id: ""), 0)
        while let key = last {
            let page = try await pool.run(isLong: true) { [schema] session -> (last: AccountKey?, count: Int64) in
                let sql = "SELECT * FROM \(schema.name).forget_keys($1, $2, $3)"
                let statement = PostgresStatement(sql, .text(day), .text(key.account), .text(key.id))
                guard var row = try session.alone([statement])[0].first, let account = try row.optionalText(),
                    let id = try row.optionalText()
                else { return (nil, 0) }
                return (AccountKey(account: account, id: id), try row.integer())
            }
            (last, count) = (page.last, count + page.count)
        }
        return Int(clamping: count)
    }

    /// Creates the partitions of the coming week, and drops those that are too old.
    ///
    /// Call it once a day from any worker, when there is little load; without it everything works, and history stays in
    /// the default partitions. Only the short keys of events are removed one by one; bodies, deliveries and attempts
    /// are dropped with their partition. Events that are still open are kept, and removed one by one after they have
    /// ended. Dropping a day scans its rows for those to keep, and blocks everything else: one to two seconds for a
    /// million. If a lock cannot be acquired within one second, the call throws, and can be repeated.
    ///
    /// - Parameter span: How long events are kept; older ones are removed, by whole days where possible.
    /// - Returns: How many events were removed.
    /// - Throws: ``PostgresError``.
    @discardableResult
    public func maintain(keeping span: Duration) async throws -> Int {
        let moment = moment
        for day in 0...7 {
            // One day per transaction, because creating one locks the tables for a moment.
            try await pool.run(isLong: true) { [schema] session in
                _ = try session.alone([schema.makePartitions(now: moment, after: day)])
            }
        }
        let before = try await pool.run { [self] session in try now(moment, session) - span }
        var removed = 0
        while let day = try await oldestPartition(before: before) {
            removed += try await forgetKeys(of: day)
            try await pool.run(isLong: true) { [schema] session in
                _ = try session.alone([PostgresStatement("SELECT \(schema.name).drop_partition($1)", .text(day))])
            }
        }
        // Partitions were dropped with their attempts, but not with their bodies.
        while try await removeResponseBodies(before: before, limit: 1000) == 1000 {}
        // Events that were kept may have ended by now, and rows without a partition are removed one by one as well.
        while true {
            let count = try await prune(before: before, limit: 1000)
            removed += count
            if count < 1000 { return removed }
        }
    }
}
#endif
