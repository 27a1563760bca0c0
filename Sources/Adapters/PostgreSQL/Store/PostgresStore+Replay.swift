#if PostgreSQL
public import WebhookDelivery
public import WebhookEvents
public import WebhookLimits
internal import WebhookStoreKit

extension PostgresStore {
    /// Counts the deliveries that a replay would send again.
    public func count(_ filter: Replay.Filter, account: AccountID) async throws -> Int {
        try await pool.run(for: account, isLong: true, isScan: true) { [self] session in
            _ = try session.begin([])
            var (count, cursor, isLast) = (0, DeliveryID?.none, false)
            while !isLast {
                let page = try page(of: filter, account: account, after: cursor, limit: 10_000, session)
                (count, cursor, isLast) = (count + page.missing.count, page.cursor, page.isLast)
            }
            try session.commit()
            return count
        }
    }

    /// Stores a replay.
    public func start(_ replay: Replay, limits: ServiceLimits) async throws {
        let moment = moment
        try await pool.run(for: replay.accountID) { [self] session in
            let sql = """
                SELECT count(*) FILTER (WHERE state = 'running'), count(*) FILTER (WHERE id = $2),
                    COALESCE($3, clock_timestamp())
                FROM \(schema.name).replays WHERE account = $1 AND (state = 'running' OR id = $2)
                """
            let found = try session.begin([
                schema.lock([replay.accountID]),
                PostgresStatement(
                    sql, .text(replay.accountID.rawValue), .text(replay.id.rawValue), .time(moment)),
            ])[1]
            guard var row = found.first else { throw PostgresError.unreadable("replays", replay.id.rawValue) }
            let (running, known, now) = (try row.integer(), try row.integer(), try row.time())
            guard known == 0 else {
                try session.commit()
                return
            }
            try limits.checkReplays(running: Int(clamping: running), until: now + ServiceLimits.pauseWhenFull)
            let forget = PostgresStatement(
                """
                DELETE FROM \(schema.name).replays WHERE account = $1 AND id IN (
                    SELECT id FROM \(schema.name).replays WHERE account = $1 AND state <> 'running'
                    ORDER BY id DESC OFFSET $2)
                """, .text(replay.accountID.rawValue), .integer(Replay.kept - 1))
            let notify = PostgresStatement("SELECT pg_notify('\(schema.name)', '')")
            _ = try session.commit([forget, insert(replay), notify])
        }
    }

    private func insert(_ replay: Replay) -> PostgresStatement {
        let filter = replay.filter
        return PostgresStatement(
            """
            INSERT INTO \(schema.name).replays (account, id, webhook, since, until, statuses, events, errors, per_second, total,
                state, made, cursor, next_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
            """,
            .text(replay.accountID.rawValue), .text(replay.id.rawValue), .text(filter.webhookID.rawValue),
            .time(filter.since), .time(filter.until),
            .text(filter.statuses.map(\.rawValue).sorted().joined(separator: " ")), .text(filter.events.stored),
            .text(filter.errors?.stored ?? ""),
            .integer(replay.perSecond), .integer(replay.total), .text(replay.state.rawValue),
            .integer(replay.made), .text(replay.cursor.position), .time(replay.nextAt))
    }

    /// Returns a replay with its current progress.
    public func replay(_ id: ReplayID, account: AccountID) async throws -> Replay? {
        try await pool.run(for: account) { [self] session in
            let results = try session.alone([
                select("account = $1 AND id = $2", .text(account.rawValue), .text(id.rawValue))
            ])
            guard var row = results[0].first else { return nil }
            return try Replay(&row)
        }
    }

    /// Returns the replays of an account, the latest first.
    public func replays(of account: AccountID, before: ReplayID?, limit: Int) async throws -> [Replay] {
        try await pool.run(for: account) { [self] session in
            let page = select(
                "account = $1 AND ($2::text IS NULL OR id < $2) ORDER BY id DESC LIMIT $3", .text(account.rawValue),
                .text(before?.rawValue), .integer(max(0, limit)))
            var replays: [Replay] = []
            for var row in try session.alone([page])[0].rows {
                // A replay of a later version must not hide the others.
                if let replay = try? Replay(&row) { replays.append(replay) }
            }
            return replays
        }
    }

    /// Cancels a replay.
    public func cancelReplay(_ id: ReplayID, account: AccountID) async throws -> Replay? {
        try await pool.run(for: account) { [self] session in
            let key: [PostgresParameter] = [.text(account.rawValue), .text(id.rawValue)]
            let results = try session.begin([
                schema.lock([account]), select("account = $1 AND id = $2", key[0], key[1]),
            ])
            guard var row = results[1].first else {
                try session.commit()
                return nil
            }
            var replay = try Replay(&row)
            replay.cancel()
            try session.commit([update(replay)])
            return replay
        }
    }

    private static let columns = """
        account, id, webhook, since, until, statuses, events, errors, per_second, total, state, made, cursor, next_at
        """

    private func select(_ condition: String, _ parameters: PostgresParameter...) -> PostgresStatement {
        PostgresStatement("SELECT \(Self.columns) FROM \(schema.name).replays WHERE \(condition)", parameters)
    }

    private func update(_ replay: Replay) -> PostgresStatement {
        PostgresStatement(
            "UPDATE \(schema.name).replays SET state = $3, made = $4, cursor = $5, next_at = $6 WHERE account = $1 AND id = $2",
            .text(replay.accountID.rawValue), .text(replay.id.rawValue), .text(replay.state.rawValue),
            .integer(replay.made), .text(replay.cursor.position), .time(replay.nextAt))
    }

    /// Advances the due replays of accounts by one step each; the caller holds the accounts' locks.
    func advanceReplays(of accounts: [AccountID], now: Timestamp, _ session: PostgresSession) throws {
        let name = schema.name
        let due = try session.run([
            PostgresStatement(
                """
                SELECT \(Self.columns) FROM \(name).replays
                WHERE account = ANY ($1) AND state = 'running' AND next_at <= $2 ORDER BY next_at LIMIT $3
                """, .texts(accounts.map(\.rawValue)), .time(now), .integer(Replay.stepsPerClaim))
        ])
        for var row in due[0].rows {
            var key = row
            // An unreadable replay must neither hold up deliveries nor be read in every claim.
            guard var replay = try? Replay(&row) else {
                _ = try session.run([
                    PostgresStatement(
                        "UPDATE \(name).replays SET next_at = $3 WHERE account = $1 AND id = $2",
                        .text(try key.text()), .text(try key.text()), .time(now + Replay.unreadablePause))
                ])
                continue
            }
            let account = replay.accountID
            let open = try openCount(of: replay.filter.webhookID, account, session)
            if open == nil { replay.cancel() }
            guard let open, !replay.pauseIfFull(open: open, now: now) else {
                _ = try session.run([update(replay)])
                continue
            }
            let page = try page(
                of: replay.filter, account: account, after: replay.cursor, limit: Replay.pageSize, session)
            let batch = replay.recordPage(page.missing, upTo: page.cursor, isLast: page.isLast, now: now)
            let deliveries = try batch.map { old in
                old.redelivery(
                    as: replay.redeliveryID(of: old.id, now: now), .replay, sequence: try nextNumber(session),
                    now: now)
            }
            _ = try session.run(redeliveries(deliveries) + [update(replay)])
        }
    }

    /// Counts the open deliveries of a webhook, including up to some hundreds of uncounted arrivals; `nil` when it was
    /// deleted.
    func openCount(
        of webhook: WebhookID, _ account: AccountID, _ session: PostgresSession
    ) throws -> Int? {
        let sql = """
            SELECT LEAST(open, 4611686018427387904) + (
                SELECT count(*) FILTER (WHERE a.webhook = $2) FROM (
                    SELECT webhook FROM \(schema.name).arrivals WHERE account = $1 ORDER BY number LIMIT $3) AS a)
            FROM \(schema.name).webhook_progress WHERE account = $1 AND webhook = $2
            """
        let parameters: [PostgresParameter] = [
            .text(account.rawValue), .text(webhook.rawValue), .integer(Replay.maximumOpen),
        ]
        guard var row = try session.run([PostgresStatement(sql, parameters)])[0].first else { return nil }
        return Int(clamping: try row.integer())
    }

    /// Scans ended deliveries of a webhook: returns those that a replay sends again, the new cursor, and whether the
    /// history ends here.
    private func page(
        of filter: Replay.Filter, account: AccountID, after cursor: DeliveryID?, limit: Int, _ session: PostgresSession
    ) throws -> (missing: [Delivery], cursor: DeliveryID?, isLast: Bool) {
        // Another delivery of the event to the webhook may have succeeded, or be open; of two failures, the later is
        // sent. Not NOT EXISTS, for the same reason as in claims.
        let name = schema.name
        let other = "o.account = d.account AND o.event = d.event AND o.webhook = d.webhook"
        let sql = """
            SELECT id, created_at >= $4 AND created_at < $5 AND status = ANY ($6) AND (
                    SELECT true FROM \(name).deliveries AS o WHERE \(other) AND o.id <> d.id
                        AND (o.status = 'succeeded' OR o.sequence > d.sequence) LIMIT 1) IS NULL
                AND (SELECT true FROM \(name).queue AS o WHERE \(other) LIMIT 1) IS NULL,
                \(Delivery.columns)
            FROM (SELECT * FROM \(name).deliveries WHERE account = $1 AND webhook = $2 AND id > $3
                    AND \(filter.statuses.contains(.succeeded) ? "true" : "status <> 'succeeded'")
                ORDER BY id LIMIT $7) AS d
            ORDER BY id
            """
        let found = try session.run([
            PostgresStatement(
                sql, .text(account.rawValue), .text(filter.webhookID.rawValue), .text(cursor.position),
                .time(filter.since),
                .time(filter.until), .texts(filter.statuses.map(\.rawValue)), .integer(limit))
        ])[0]
        let start = cursor
        var (missing, cursor): ([Delivery], DeliveryID?) = ([], start)
        for var row in found.rows {
            cursor = DeliveryID(unchecked: try row.text())
            guard try row.bool(), let delivery = try? Delivery(reading: &row), filter.matches(delivery) else {
                continue
            }
            missing.append(delivery)
        }
        return (missing, cursor, found.count < limit || !cursor.isAfter(start))
    }
}

extension Replay {
    fileprivate init(_ row: inout PostgresRow) throws(PostgresError) {
        let (account, identifier, webhook) = (try row.text(), try row.text(), try row.text())
        let (since, until, statuses, events) = (try row.time(), try row.time(), try row.text(), try row.text())
        let errors = Delivery.ErrorSelection(stored: try row.text())
        let (perSecond, total, state) = (try row.integer(), try row.integer(), try row.text())
        let (made, cursor, nextAt) = (try row.integer(), try row.text(), try row.time())
        guard let id = ReplayID(identifier), let account = AccountID(account), let webhook = WebhookID(webhook),
            let state = State(rawValue: state)
        else { throw .unreadable("replays", identifier) }
        let filter = Replay.Filter(
            webhookID: webhook, since: since, until: until,
            statuses: Set(statuses.split(separator: " ").compactMap { .init(rawValue: String($0)) }),
            events: [EventPattern](stored: events), errors: errors)
        self.init(
            id: id, accountID: account, filter: filter, perSecond: Int(clamping: perSecond),
            total: Int(clamping: total),
            state: state, made: Int(clamping: made), cursor: DeliveryID(position: cursor), nextAt: nextAt)
    }
}
#endif
