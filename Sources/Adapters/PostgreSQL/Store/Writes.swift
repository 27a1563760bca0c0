#if PostgreSQL
internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookLimits
internal import WebhookStoreKit

// Statements that write many rows at once: one parameter per column, with one value per row.
extension PostgresSchema {
    /// Writes the new states of open deliveries: ended ones move from the queue to history.
    ///
    /// The caller holds their accounts' locks.
    func write(_ deliveries: [Delivery]) -> [PostgresStatement] {
        let open = deliveries.filter { !$0.state.status.isFinal }
        let ended = deliveries.filter(\.state.status.isFinal)
        var statements: [PostgresStatement] = []
        if !open.isEmpty {
            let sql = """
                UPDATE \(name).queue AS q SET status = n.status, reason = n.reason, due_at = n.due_at, token = n.token,
                    attempts = n.attempts, expired_leases = n.expired_leases, sender_faults = n.sender_faults, is_charged = n.is_charged,
                    first_attempt_at = n.first_attempt_at, last_error = n.last_error
                FROM \(Self.states) WHERE q.account = n.account AND q.id = n.id
                """
            statements.append(Self.statement(sql, open))
        }
        if !ended.isEmpty {
            let sql = """
                WITH gone AS (
                    DELETE FROM \(name).queue AS q USING \(Self.states) WHERE q.account = n.account AND q.id = n.id
                    RETURNING q.id, q.account, q.event, q.event_type, q.webhook, q.created_at, q.sequence, q.created_by,
                        q.redelivery_of, q.ordering_key, q.resource, n.status, n.reason, n.due_at, n.token, n.attempts, n.expired_leases,
                        n.sender_faults, n.is_charged, n.first_attempt_at, n.last_error, q.event_at, q.bytes
                ), counted AS (
                    UPDATE \(name).webhook_progress AS p SET open = GREATEST(0, p.open - c.count)
                    FROM (SELECT account, webhook, count(*) AS count FROM gone GROUP BY account, webhook) AS c
                    WHERE p.account = c.account AND p.webhook = c.webhook
                )
                INSERT INTO \(name).deliveries (\(Delivery.columns), event_at, bytes) SELECT * FROM gone
                """
            statements.append(Self.statement(sql, ended))
            for delivery in ended {
                guard let key = delivery.orderingKey else { continue }
                statements.append(
                    PostgresStatement(
                        "SELECT \(name).unblock($1, $2, $3)", .text(delivery.accountID.rawValue),
                        .text(delivery.webhookID.rawValue), .text(key)))
            }
        }
        return statements
    }

    /// The states of deliveries as rows, from the parameters of ``statement(_:_:)``.
    private static let states = """
        unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::bigint[], $7::bigint[], $8::bigint[],
            $9::bigint[], $10::bool[], $11::timestamptz[], $12::text[])
            AS n (account, id, status, reason, due_at, token, attempts, expired_leases, sender_faults, is_charged,
                first_attempt_at, last_error)
        """

    private static func statement(_ sql: String, _ deliveries: [Delivery]) -> PostgresStatement {
        let states = deliveries.map(\.state)
        return PostgresStatement(
            sql, .texts(deliveries.map(\.accountID.rawValue)), .texts(deliveries.map(\.id.rawValue)),
            .texts(states.map(\.status.rawValue)), .texts(states.map(\.reason?.rawValue)), .times(states.map(\.dueAt)),
            .integers(states.map(\.token.rawValue)), .integers(states.map { Int64($0.attempts) }),
            .integers(states.map { Int64($0.expiredLeases) }), .integers(states.map { Int64($0.senderFaults) }),
            .bools(states.map(\.isCharged)),
            .times(states.map(\.firstAttemptAt)), .texts(states.map(\.lastError)))
    }

    /// Inserts deliveries that were created under their account's lock, and counts them; the event's row records that
    /// it has deliveries on other days.
    func insert(_ deliveries: [Delivery]) -> [PostgresStatement] {
        guard !deliveries.isEmpty else { return [] }
        let insert = """
            WITH made AS (
                INSERT INTO \(name).queue (\(Delivery.columns), event_at, bytes, hold)
                SELECT n.id, n.account, n.event, n.event_type, n.webhook, n.created_at, n.sequence, n.created_by,
                    n.redelivery_of, n.ordering_key, n.resource, n.status, n.reason, n.due_at, n.token, n.attempts, n.expired_leases,
                    n.sender_faults, n.is_charged, n.first_attempt_at, n.last_error, e.published_at, octet_length(e.body),
                    CASE WHEN n.ordering_key IS NULL THEN '' ELSE 'order' END
                FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::bigint[], $7::bigint[],
                    $8::bigint[], $9::bigint[], $10::bool[], $11::timestamptz[], $12::text[], $13::text[], $14::text[],
                    $15::text[], $16::timestamptz[], $17::bigint[], $18::text[], $19::text[], $20::text[], $21::text[])
                    AS n (account, id, status, reason, due_at, token, attempts, expired_leases, sender_faults, is_charged,
                        first_attempt_at, last_error, event, event_type, webhook, created_at, sequence, created_by,
                        redelivery_of, ordering_key, resource)
                JOIN \(name).event_keys AS k ON k.account = n.account AND k.id = n.event
                JOIN \(name).events AS e
                    ON e.account = k.account AND e.id = k.id AND e.published_at = k.published_at
                RETURNING account, webhook
            )
            UPDATE \(name).webhook_progress AS p SET open = GREATEST(0, LEAST(p.open, 4611686018427387904)) + c.count
            FROM (SELECT account, webhook, count(*) AS count FROM made GROUP BY account, webhook) AS c
            WHERE p.account = c.account AND p.webhook = c.webhook
            """
        let base = Self.statement(insert, deliveries)
        let insertion = PostgresStatement(
            insert,
            base.parameters + [
                .texts(deliveries.map(\.eventID.rawValue)), .texts(deliveries.map(\.eventType.rawValue)),
                .texts(deliveries.map(\.webhookID.rawValue)), .times(deliveries.map(\.createdAt)),
                .integers(deliveries.map(\.sequence)), .texts(deliveries.map(\.trigger.rawValue)),
                .texts(deliveries.map(\.redeliveryOf?.rawValue)), .texts(deliveries.map(\.orderingKey)),
                .texts(deliveries.map(\.resource)),
            ])
        return [insertion]
            + deliveries.compactMap { delivery in
                delivery.orderingKey.map { key in
                    PostgresStatement(
                        "SELECT \(name).unblock($1, $2, $3)", .text(delivery.accountID.rawValue),
                        .text(delivery.webhookID.rawValue), .text(key))
                }
            }
    }

    /// Writes the values of webhooks that deliveries change.
    ///
    /// The caller holds the accounts' locks.
    func write(_ webhooks: [Webhook]) -> [PostgresStatement] {
        guard !webhooks.isEmpty else { return [] }
        let sql = """
            UPDATE \(name).webhook_progress AS p SET state = n.state, state_reason = n.state_reason, state_since = n.state_since,
                last_triggered = n.last_triggered,
                last_success = n.last_success, succeeded = n.succeeded, finished = n.finished, quota_day = n.quota_day,
                quota_used = n.quota_used, slow_until = n.slow_until, health = n.health
            FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::bigint[],
                $7::bigint[], $8::bigint[], $9::bigint[], $10::timestamptz[], $11::bytea[], $12::text[], $13::timestamptz[])
                AS n (account, webhook, state, last_triggered, last_success, succeeded, finished, quota_day, quota_used,
                    slow_until, health, state_reason, state_since)
            WHERE p.account = n.account AND p.webhook = n.webhook
            """
        return [
            PostgresStatement(
                sql, .texts(webhooks.map(\.accountID.rawValue)), .texts(webhooks.map(\.id.rawValue)),
                .texts(webhooks.map(\.status.rawValue)), .times(webhooks.map(\.lastTriggered)),
                .times(webhooks.map(\.lastSuccess)), .integers(webhooks.map { Int64($0.succeededDeliveries) }),
                .integers(webhooks.map { Int64($0.finishedDeliveries) }), .integers(webhooks.map(\.quota.day)),
                .integers(webhooks.map { Int64($0.quota.used) }), .times(webhooks.map(\.pace.slowUntil)),
                .bytesArray(webhooks.map { $0.health.stored }), .texts(webhooks.map(\.statusReason?.rawValue)),
                .times(webhooks.map(\.statusSince)))
        ]
    }

    /// Stores finished attempts.
    func record(_ settled: [(delivery: Delivery, attempt: Attempt)]) -> [PostgresStatement] {
        guard !settled.isEmpty else { return [] }
        let sql = """
            INSERT INTO \(name).attempts
                (account, delivery, webhook, number, started_at, duration, status_code, error_type, timings, exchange)
            SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::timestamptz[], $6::bigint[],
                $7::bigint[], $8::text[], $9::text[], $10::bytea[])
            """
        let attempts = settled.map(\.attempt)
        return [
            PostgresStatement(
                sql, .texts(settled.map(\.delivery.accountID.rawValue)), .texts(settled.map(\.delivery.id.rawValue)),
                .texts(settled.map(\.delivery.webhookID.rawValue)), .integers(attempts.map { Int64($0.number) }),
                .times(attempts.map(\.startedAt)), .integers(attempts.map(\.duration.wholeMicroseconds)),
                .integers(attempts.map { $0.statusCode.map { Int64($0) } }), .texts(attempts.map(\.errorType)),
                .texts(attempts.map(\.timings?.stored)), .bytesArray(attempts.map(\.exchange?.stored)))
        ] + record(bodiesOf: settled)
    }

    private func record(bodiesOf settled: [(delivery: Delivery, attempt: Attempt)]) -> [PostgresStatement] {
        let bodies = settled.compactMap { delivery, attempt -> (delivery: Delivery, attempt: Attempt, body: [UInt8])? in
            guard let body = attempt.exchange?.response?.body, !body.isEmpty else { return nil }
            return (delivery, attempt, body)
        }
        guard !bodies.isEmpty else { return [] }
        return [
            PostgresStatement(
                """
                INSERT INTO \(name).response_bodies (account, delivery, number, started_at, body)
                SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::timestamptz[], $5::bytea[])
                """, .texts(bodies.map(\.delivery.accountID.rawValue)), .texts(bodies.map(\.delivery.id.rawValue)),
                .integers(bodies.map { Int64($0.attempt.number) }), .times(bodies.map(\.attempt.startedAt)),
                .bytesArray(bodies.map(\.body)))
        ]
    }

    // MARK: - Accounts

    /// Locks accounts for this transaction: every change to an account except a publish holds its lock.
    ///
    /// - Parameters:
    ///   - accounts: The accounts.
    ///   - skipsHeld: Whether accounts that another transaction holds are skipped, so that one cannot hold up the
    ///     others.
    /// - Returns: The statement; its rows are the locked accounts.
    func lock(_ accounts: some Sequence<AccountID>, skipsHeld: Bool = false) -> PostgresStatement {
        // Sorted, so that transactions cannot deadlock.
        PostgresStatement(
            """
            SELECT account FROM \(name).account_locks WHERE account = ANY ($1) ORDER BY account FOR UPDATE
            \(skipsHeld ? "SKIP LOCKED" : "")
            """, .texts(Set(accounts).map(\.rawValue)))
    }

    /// Writes an account's activity of a day that is not in the counts of its webhooks.
    func write(_ day: ServiceLimits.AccountDay, of account: AccountID) -> PostgresStatement {
        PostgresStatement(
            "UPDATE \(name).accounts SET day = $2 WHERE account = $1", .text(account.rawValue), .text(day.stored))
    }

    /// Records that a delivery of the account may be claimable from a moment on.
    func wake(_ account: AccountID, at moment: Timestamp) -> PostgresStatement {
        PostgresStatement(
            "UPDATE \(name).accounts SET due_at = LEAST(due_at, $2) WHERE account = $1", .text(account.rawValue),
            .time(moment))
    }

    /// Records that attempts of accounts were settled: slots are free, and a delivery may be due at a moment.
    func settled(_ reports: [AccountID: SettleRound.AccountReport], now: Timestamp) -> [PostgresStatement] {
        guard !reports.isEmpty else { return [] }
        let sql = """
            UPDATE \(name).accounts AS a SET is_stale = true,
                due_at = LEAST(a.due_at, n.due_at, CASE WHEN a.is_full THEN $3 END)
            FROM unnest($1::text[], $2::timestamptz[]) AS n (account, due_at) WHERE a.account = n.account
            """
        return [
            PostgresStatement(
                sql, .texts(reports.keys.map(\.rawValue)),
                .times(reports.values.map { $0.isFreed ? now : $0.retryAt }), .time(now))
        ]
    }

    /// Writes the turns that a claim computed.
    func write(_ turns: [AccountTurn], number: Int64, now: Timestamp) -> [PostgresStatement] {
        let (served, others) = (turns.filter(\.wasServed), turns.filter { !$0.wasServed })
        // Their arrivals were counted, so only this records that they are due; they keep their turn.
        let waiting =
            others.isEmpty
            ? []
            : [
                PostgresStatement(
                    "UPDATE \(name).accounts SET due_at = LEAST(due_at, $2) WHERE account = ANY ($1)",
                    .texts(others.map(\.account.rawValue)), .time(now))
            ]
        guard !served.isEmpty else { return waiting }
        let sql = """
            UPDATE \(name).accounts AS a SET due_at = n.due_at, is_full = n.is_full, is_stale = false, turn = $4
            FROM unnest($1::text[], $2::timestamptz[], $3::bool[]) AS n (account, due_at, is_full)
            WHERE a.account = n.account
            """
        return waiting + [
            PostgresStatement(
                sql, .texts(served.map(\.account.rawValue)), .times(served.map(\.dueAt)), .bools(served.map(\.isFull)),
                .integer(number))
        ]
    }
}
#endif
