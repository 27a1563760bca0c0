#if SQLite
internal import GRDB
public import WebhookDelivery
public import WebhookEvents
public import WebhookLimits
internal import WebhookStoreKit

extension SQLiteStore {
    /// Counts the deliveries that a replay would send again.
    public func count(_ filter: Replay.Filter, account: AccountID) async throws -> Int {
        try await database.read { db in
            var (count, cursor, isLast) = (0, DeliveryID?.none, false)
            while !isLast {
                let page = try Self.page(of: filter, account: account, after: cursor, limit: 10_000, db)
                count += page.missing.count
                (cursor, isLast) = (page.cursor, page.isLast)
            }
            return count
        }
    }

    /// Stores a replay.
    public func start(_ replay: Replay, limits: ServiceLimits) async throws {
        let (now, account) = (clock.now, replay.accountID)
        try await write(of: account) { db in
            let known = try db.first("SELECT 1 FROM taskflow_replays WHERE id = ?", replay.id.rawValue) {
                $0.bool()
            }
            guard known == nil else { return }
            let sql = "SELECT COUNT(*) FROM taskflow_replays WHERE account = ? AND state = 'running'"
            let running = try db.first(sql, account.rawValue) { $0.int() } ?? 0
            try limits.checkReplays(running: running, until: now + ServiceLimits.pauseWhenFull)
            try db.run(
                """
                DELETE FROM taskflow_replays WHERE id IN (
                    SELECT id FROM taskflow_replays WHERE account = ? AND state <> 'running'
                    ORDER BY id DESC LIMIT -1 OFFSET ?)
                """, account.rawValue, Replay.kept - 1)
            let filter = replay.filter
            try db.execute(
                sql: """
                    INSERT INTO taskflow_replays (id, account, webhook, since, until, statuses, events, errors,
                        per_second, total, state, made, cursor, next_at)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    replay.id.rawValue, replay.accountID.rawValue, filter.webhookID.rawValue,
                    filter.since.microseconds, filter.until.microseconds,
                    filter.statuses.map(\.rawValue).sorted().joined(separator: " "),
                    filter.events.stored, filter.errors?.stored ?? "", replay.perSecond, replay.total,
                    replay.state.rawValue, replay.made, replay.cursor.position, replay.nextAt.microseconds,
                ])
        }
    }

    /// Returns a replay with its current progress.
    public func replay(_ id: ReplayID, account: AccountID) async throws -> Replay? {
        try await database.read { db in try Self.replay(id, account: account, db) }
    }

    /// Returns the replays of an account, the latest first.
    public func replays(of account: AccountID, before: ReplayID?, limit: Int) async throws -> [Replay] {
        try await database.read { db in
            var replays: [Replay] = []
            try db.each(
                """
                SELECT \(Replay.columns) FROM taskflow_replays
                WHERE account = ?1 AND (?2 IS NULL OR id < ?2) ORDER BY id DESC LIMIT ?3
                """, account.rawValue, before?.rawValue, max(0, limit)
            ) { if let replay = try? Replay(&$0) { replays.append(replay) } }
            return replays
        }
    }

    /// Cancels a replay.
    public func cancelReplay(_ id: ReplayID, account: AccountID) async throws -> Replay? {
        try await write(of: account) { db in
            guard var replay = try Self.replay(id, account: account, db) else { return nil }
            replay.cancel()
            try replay.update(db)
            return replay
        }
    }

    private static func replay(_ id: ReplayID, account: AccountID, _ db: Database) throws -> Replay? {
        let sql = "SELECT \(Replay.columns) FROM taskflow_replays WHERE id = ? AND account = ?"
        return try db.first(sql, id.rawValue, account.rawValue) { try Replay(&$0) }
    }

    /// Advances the replays that have waited longest by one step each.
    ///
    /// - Throws: `DatabaseError`.
    func advanceReplays(now: Timestamp, _ db: Database) throws {
        var (due, unreadable): ([Replay], [Int64]) = ([], [])
        try db.each(
            """
            SELECT rowid, \(Replay.columns) FROM taskflow_replays
            WHERE state = 'running' AND next_at <= ? ORDER BY next_at LIMIT ?
            """, now.microseconds, Replay.stepsPerClaim
        ) { columns in
            let row = columns.integer()
            if let replay = try? Replay(&columns) { due.append(replay) } else { unreadable.append(row) }
        }
        // An unreadable replay must neither hold up deliveries nor be read in every claim.
        for row in unreadable {
            try db.run(
                "UPDATE taskflow_replays SET next_at = ? WHERE rowid = ?",
                (now + Replay.unreadablePause).microseconds, row)
        }
        for replay in due {
            try replayPace.measure({ clock.uptime }) { try Self.advance(replay, now: now, db) }
        }
    }

    private static func advance(_ replay: Replay, now: Timestamp, _ db: Database) throws {
        var replay = replay
        let open = try openCount(of: replay.filter.webhookID, db)
        if open == nil { replay.cancel() }
        guard let open, !replay.pauseIfFull(open: open, now: now) else { return try replay.update(db) }
        let page = try page(
            of: replay.filter, account: replay.accountID, after: replay.cursor, limit: Replay.pageSize, db)
        for old in replay.recordPage(page.missing, upTo: page.cursor, isLast: page.isLast, now: now) {
            try redeliver(old, as: replay.redeliveryID(of: old.id, now: now), .replay, now: now, db)
        }
        try replay.update(db)
    }

    /// Returns when the next replay continues, but not before the pause between steps ends.
    ///
    /// - Throws: `DatabaseError`.
    func nextReplay(now: Timestamp, _ db: Database) throws -> Timestamp? {
        let next = try db.first("SELECT MIN(next_at) FROM taskflow_replays WHERE state = 'running'") {
            $0.optionalTime()
        }
        return next.flatMap(\.self).map { max($0, now + replayPace.rest(at: clock.uptime)) }
    }

    /// Scans ended deliveries of a webhook: returns those that a replay sends again, the new cursor, and whether the
    /// history ends here.
    private static func page(
        of filter: Replay.Filter, account: AccountID, after cursor: DeliveryID?, limit: Int, _ db: Database
    ) throws -> (missing: [Delivery], cursor: DeliveryID?, isLast: Bool) {
        // Failures have their own index, which skips the successes between them.
        let (index, ended) =
            filter.statuses.contains(.succeeded) ? ("by_webhook", "is_open = 0") : ("failed", "is_failed = 1")
        let start = cursor
        var (missing, cursor, count): ([Delivery], DeliveryID?, Int) = ([], start, 0)
        // Another delivery of the event to the webhook may have succeeded, or be open; of two failures, the later is
        // sent.
        try db.each(
            """
            SELECT id, created_at >= ? AND created_at < ? AND NOT EXISTS (
                    SELECT 1 FROM taskflow_deliveries o
                    WHERE o.account = d.account AND o.event = d.event AND o.webhook = d.webhook AND o.id != d.id
                        AND (o.status = 'succeeded' OR o.is_open = 1 OR o.sequence > d.sequence)),
                \(Delivery.columns)
            FROM (SELECT * FROM taskflow_deliveries INDEXED BY taskflow_deliveries_\(index)
                WHERE account = ? AND webhook = ? AND id > ? AND \(ended)
                ORDER BY id LIMIT ?) d
            """, filter.since.microseconds, filter.until.microseconds, account.rawValue, filter.webhookID.rawValue,
            cursor.position, limit
        ) { columns in
            count += 1
            cursor = DeliveryID(unchecked: columns.text())
            guard columns.bool(), let delivery = try? Delivery(reading: &columns), filter.matches(delivery) else {
                return
            }
            missing.append(delivery)
        }
        return (missing, cursor, count < limit || !cursor.isAfter(start))
    }
}

extension Replay {
    fileprivate static let columns = """
        id, account, webhook, since, until, statuses, events, errors, per_second, total, state, made, cursor, next_at
        """

    /// Reads ``columns``.
    fileprivate init(_ columns: inout Columns) throws {
        let (identifier, account, webhook) = (columns.text(), columns.text(), columns.text())
        let (since, until, statuses, events) = (columns.time(), columns.time(), columns.text(), columns.text())
        let errors = Delivery.ErrorSelection(stored: columns.text())
        let (perSecond, total, state) = (columns.int(), columns.int(), columns.text())
        guard let id = ReplayID(identifier), let account = AccountID(account), let webhook = WebhookID(webhook),
            let state = State(rawValue: state)
        else { throw UnreadableRow(table: "taskflow_replays", id: identifier) }
        let filter = Replay.Filter(
            webhookID: webhook, since: since, until: until,
            statuses: Set(statuses.split(separator: " ").compactMap { .init(rawValue: String($0)) }),
            events: [EventPattern](stored: events), errors: errors)
        self.init(
            id: id, accountID: account, filter: filter, perSecond: perSecond, total: total, state: state,
            made: columns.int(), cursor: DeliveryID(position: columns.text()), nextAt: columns.time())
    }

    fileprivate func update(_ db: Database) throws {
        let statement = try db.cachedStatement(
            sql: "UPDATE taskflow_replays SET state = ?, made = ?, cursor = ?, next_at = ? WHERE id = ?")
        try statement.execute(arguments: [state.rawValue, made, cursor.position, nextAt.microseconds, id.rawValue])
    }
}
#endif
