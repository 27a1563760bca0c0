#if PostgreSQL
internal import Synchronization
public import WebhookDelivery
internal import WebhookEvents
internal import WebhookLimits
internal import WebhookSigning

extension PostgresStore {
    /// The most accounts that one look takes in, and the most looks of a claim: beyond them it is told to come again.
    private static let (accountsPerLook, looksPerClaim) = (256, 8)

    /// Leases due deliveries, one account after the other.
    public func claim(_ request: ClaimRequest) async throws -> ClaimReply {
        let moment = moment
        return try await pool.run { [self] session in
            var claim = try ClaimTransaction(self, session, at: moment, request)
            var limit = min(max(request.count, 16), Self.accountsPerLook)
            for _ in 0..<Self.looksPerClaim where claim.round.room > 0 {
                guard try claim.look(limit: limit) else { break }
                limit = min(2 * limit, Self.accountsPerLook)
            }
            return try claim.commit()
        }
    }
}

/// A claim under way: it takes accounts, looks at what is due, and writes everything when it commits.
///
/// Reads come after the locks, as statements of their own: so they see what the last owner of a lock has committed.
private struct ClaimTransaction {
    private let store: PostgresStore
    private let session: PostgresSession
    private let now: Timestamp
    private let number: Int64
    /// Whether it holds accounts already, so that waiting for another one could be a circle.
    private let holdsLocks: Bool
    private(set) var round: ClaimRound
    private var looked: [AccountID] = []
    private var turns: [AccountTurn] = []
    /// When the events of candidates were published: where their bodies stand.
    private var eventTimes: [DeliveryID: Timestamp] = [:]
    private var unreadable: [DueDeliveries.Key] = []
    private var secrets: [WebhookID: SecretRotation] = [:]

    private var schema: String { store.schema.name }

    init(_ store: PostgresStore, _ session: PostgresSession, at moment: Timestamp?, _ request: ClaimRequest) throws {
        self.store = store
        self.session = session
        let name = store.schema.name
        let opening = try session.begin([
            PostgresStatement("SELECT COALESCE($1, clock_timestamp()), nextval('\(name).turns')", .time(moment)),
            PostgresStatement(
                """
                SELECT account FROM \(name).recoveries
                WHERE state = 'running' AND next_at <= COALESCE($1, clock_timestamp()) ORDER BY id
                """, .time(moment)),
        ])
        guard var row = opening[0].first else { throw PostgresError.unreadable("accounts", "of a claim") }
        now = try row.time()
        number = try row.integer()
        let due = try opening[1].rows.map { row in
            var row = row
            return AccountID(unchecked: try row.text())
        }
        holdsLocks = !due.isEmpty
        if !due.isEmpty { try store.advanceRecoveries(of: due, at: now, session) }
        round = ClaimRound(request, at: now)
    }

    // MARK: - Looking

    /// Looks at the accounts whose turn it is; says whether there may be others.
    mutating func look(limit: Int) throws -> Bool {
        var accounts = try take(limit: limit)
        var isIdle = false
        if accounts.isEmpty, round.claimed.isEmpty {
            accounts = try takeStale(limit: limit)
            isIdle = true
        }
        if accounts.isEmpty { return false }
        looked += accounts
        turns += round.serve(try candidates(of: accounts))
        return !isIdle
    }

    /// Takes accounts that are due or have new deliveries, and leaves out those that another worker has.
    private func take(limit: Int) throws -> [AccountID] {
        let cursor = store.lastArrived.withLock { $0 }
        let candidates = """
            WITH RECURSIVE behind (account, at, n) AS (
                (SELECT account, at, 1 FROM \(schema).arrivals WHERE account > $4 ORDER BY account, number LIMIT 1)
                UNION ALL
                SELECT a.account, a.at, b.n + 1 FROM behind AS b CROSS JOIN LATERAL (
                    SELECT account, at FROM \(schema).arrivals WHERE account > b.account
                    ORDER BY account, number LIMIT 1) AS a
                WHERE b.n < $3
            ), before (account, at, n) AS (
                (SELECT account, at, 1 FROM \(schema).arrivals WHERE account <= $4 ORDER BY account, number LIMIT 1)
                UNION ALL
                SELECT a.account, a.at, b.n + 1 FROM before AS b CROSS JOIN LATERAL (
                    SELECT account, at FROM \(schema).arrivals WHERE account > b.account AND account <= $4
                    ORDER BY account, number LIMIT 1) AS a
                WHERE b.n < $3
            ), due AS (
                SELECT account, due_at FROM \(schema).accounts WHERE due_at <= $1 AND account <> ALL ($2)
                ORDER BY due_at, turn LIMIT $3
            ), found AS (
                SELECT account, min(since) AS since, bool_or(is_new) AS is_new FROM (
                    SELECT account, at AS since, true AS is_new FROM behind
                    UNION ALL SELECT account, at, true FROM before
                    UNION ALL SELECT account, due_at, false FROM due) AS f
                WHERE account <> ALL ($2) GROUP BY account
            )
            SELECT a.account, f.is_new FROM found AS f JOIN \(schema).accounts AS a ON a.account = f.account
            JOIN \(schema).account_locks AS l ON l.account = f.account ORDER BY f.since, a.turn, a.account LIMIT
            """
        func run(_ ending: String, limit: Int) throws -> [(account: AccountID, isNew: Bool)] {
            try session.run([
                PostgresStatement(
                    "\(candidates) \(ending)", .time(now), .texts(looked.map(\.rawValue)), .integer(limit),
                    .text(cursor))
            ])[0].rows.map { row in
                var row = row
                return (AccountID(unchecked: try row.text()), try row.bool())
            }
        }
        var found = try run("$3 FOR UPDATE OF l SKIP LOCKED", limit: limit)
        // What is left may be in other hands for a moment: waiting for one of them is better than asking again and again.
        if found.isEmpty, looked.isEmpty, !holdsLocks { found = try run("LEAST($3, 1) FOR UPDATE OF l", limit: limit) }
        if let last = found.last(where: \.isNew) { store.lastArrived.withLock { $0 = last.account.rawValue } }
        return found.map(\.account)
    }

    /// Takes accounts of which it is not known exactly when they are due.
    private func takeStale(limit: Int) throws -> [AccountID] {
        let sql = """
            SELECT account FROM \(schema).accounts AS a JOIN \(schema).account_locks AS l USING (account)
            WHERE is_stale AND due_at IS NOT NULL AND account <> ALL ($2)
            ORDER BY due_at LIMIT $1 FOR UPDATE OF l SKIP LOCKED
            """
        let looked = PostgresParameter.texts(looked.map(\.rawValue))
        return try session.run([PostgresStatement(sql, .integer(limit), looked)])[0].rows.map { row in
            var row = row
            return AccountID(unchecked: try row.text())
        }
    }

    // MARK: - Reading

    private mutating func candidates(of accounts: [AccountID]) throws -> [AccountCandidates] {
        let names = PostgresParameter.texts(accounts.map(\.rawValue))
        let own = "q.account = w.account AND q.webhook = w.webhook AND q.blocked = 0"
        // `(SELECT true … LIMIT 1)` and not EXISTS: planned on empty tables, and a plan is kept as long as its connection, that
        // becomes a join which reads the whole queue.
        func hasDue(_ kind: String) -> String {
            "(SELECT true FROM \(schema).queue AS q WHERE \(own) AND \(kind) AND due_at <= $2 LIMIT 1)"
        }
        let results = try session.run([
            PostgresStatement("SELECT \(schema).settle_arrivals($1, $2)", names, .time(now)),
            PostgresStatement(
                """
                SELECT account, webhook, count(*), min(due_at) FROM \(schema).queue
                WHERE account = ANY ($1) AND status = 'leased' AND due_at > $2 GROUP BY account, webhook
                """, names, .time(now)),
            PostgresStatement(
                """
                SELECT w.account, \(Webhook.columns), w.secrets, w.headers,
                    (SELECT min(due_at) FROM \(schema).queue AS q
                        WHERE q.account = w.account AND q.webhook = w.id AND q.blocked = 0 AND NOT is_retry AND due_at > $2),
                    (SELECT min(due_at) FROM \(schema).queue AS q
                        WHERE q.account = w.account AND q.webhook = w.id AND q.blocked = 0 AND is_retry AND due_at > $2)
                FROM \(schema).webhooks AS w
                JOIN \(schema).webhook_progress AS p ON p.account = w.account AND p.webhook = w.id
                WHERE w.account = ANY ($1) AND p.state = 'active' AND (
                    SELECT true FROM \(schema).queue AS q
                    WHERE q.account = w.account AND q.webhook = w.id AND q.blocked = 0 LIMIT 1)
                ORDER BY p.last_triggered NULLS FIRST, w.id
                """, names, .time(now)),
            PostgresStatement(
                """
                WITH active AS MATERIALIZED (
                    SELECT account, webhook FROM \(schema).webhook_progress AS w
                    WHERE account = ANY ($1) AND state = 'active' AND (\(hasDue("NOT is_retry")) OR \(hasDue("is_retry")))
                ), shares AS (
                    SELECT *, GREATEST(1, 2 * $3 / count(*) OVER (PARTITION BY account)) AS share FROM active
                )
                SELECT w.webhook, d.attempts > 0, share, d.event_at, d.bytes, e.id IS NOT NULL,
                    \(PostgresSchema.deliveryColumns(of: "d"))
                FROM shares AS w CROSS JOIN LATERAL (
                    (SELECT * FROM \(schema).queue AS q WHERE \(own) AND NOT is_retry AND due_at <= $2
                        ORDER BY due_at, sequence LIMIT share)
                    UNION ALL
                    (SELECT * FROM \(schema).queue AS q WHERE \(own) AND is_retry AND due_at <= $2
                        ORDER BY due_at, sequence LIMIT GREATEST(1, LEAST(share, $4)))) AS d
                LEFT JOIN \(schema).events AS e
                    ON e.account = d.account AND e.id = d.event AND e.published_at = d.event_at
                """, names, .time(now),
                .integer(max(1, 2 * round.room / max(1, accounts.count))), .integer(round.roomForRetries)),
        ])
        let leases = try Leases(results[1])
        let due = try DueDeliveries(results[3], roomForRetries: round.roomForRetries)
        eventTimes.merge(due.eventTimes) { first, _ in first }
        unreadable += due.unreadable
        var webhooks: [AccountID: [WebhookCandidates]] = [:]
        var incomplete: Set<AccountID> = []
        for row in results[2].rows {
            var row = row
            let account = AccountID(unchecked: try row.text())
            // A webhook that cannot be read, or whose secrets do not open, must not hold up the others.
            guard var webhook = try? Webhook(&row), let secret = try? store.readSecret(of: webhook.id, &row) else {
                incomplete.insert(account)
                continue
            }
            webhook.headers = secret.headers
            secrets[webhook.id] = secret.secrets
            let next = [try row.optionalTime(), try row.optionalTime()].compactMap(\.self).min()
            let own = due.ofWebhook[webhook.id] ?? DueDeliveries.OfWebhook()
            webhooks[webhook.account, default: []].append(
                WebhookCandidates(
                    webhook: webhook, leased: leases.ofWebhook[webhook.id]?.count ?? 0,
                    nextLeaseEnd: leases.ofWebhook[webhook.id]?.firstEnd, firsts: own.firsts, retries: own.retries,
                    hasMoreFirsts: own.hasMoreFirsts, hasMoreRetries: own.hasMoreRetries, nextDue: next))
        }
        return accounts.map { account in
            AccountCandidates(
                account: account, leased: leases.ofAccount[account]?.count ?? 0,
                nextLeaseEnd: leases.ofAccount[account]?.firstEnd, hasUnreadable: incomplete.contains(account),
                webhooks: webhooks[account] ?? [])
        }
    }

    // MARK: - The end

    /// Writes everything, and reads what a worker needs beside.
    func commit() throws -> ClaimReply {
        let claimed = round.claimed
        let writes =
            store.schema.write(round.changed) + store.schema.write(round.webhooks)
            + store.schema.write(turns, number: number, at: now) + (unreadable.isEmpty ? [] : setAside)
        // A claim need not survive this server: what it leased would be sent again. So it waits for no standby.
        let results = try session.commit(
            writes + [
                PostgresStatement(
                    """
                    SELECT n.place, e.body FROM unnest($1::text[], $2::text[], $3::timestamptz[])
                        WITH ORDINALITY AS n (account, id, published_at, place)
                    JOIN \(schema).events AS e
                        ON e.account = n.account AND e.id = n.id AND e.published_at = n.published_at
                    """, .texts(claimed.map(\.delivery.account.rawValue)),
                    .texts(claimed.map(\.delivery.event.rawValue)),
                    .times(claimed.map { eventTimes[$0.delivery.id] })),
                PostgresStatement(
                    """
                    SELECT (SELECT due_at FROM \(schema).accounts WHERE due_at IS NOT NULL AND account <> ALL ($1)
                            ORDER BY due_at LIMIT 1),
                        EXISTS (SELECT FROM \(schema).arrivals WHERE account <> ALL ($1)),
                        (SELECT min(next_at) FROM \(schema).recoveries WHERE state = 'running')
                    """, .texts(looked.map(\.rawValue))),
            ], needsStandby: false
        ).suffix(2)
        var bodies: [Int64: [UInt8]] = [:]
        for row in results[results.startIndex].rows {
            var row = row
            bodies[try row.integer()] = try row.bytes()
        }
        var reply = ClaimReply(deliveries: [], nextDueIn: nil)
        for (index, claimed) in claimed.enumerated() {
            // Its event was there a moment ago, under the same lock; an account that was erased since has no deliveries.
            guard let body = bodies[Int64(index + 1)], let secrets = secrets[claimed.delivery.webhook] else { continue }
            reply.deliveries.append(
                ClaimedDelivery(
                    lease: claimed.lease, delivery: claimed.delivery, webhook: claimed.webhook, secrets: secrets,
                    body: body))
        }
        var waiting: [Timestamp] = []
        if var row = results[results.startIndex + 1].first {
            if let due = try row.optionalTime() { waiting.append(due) }
            if try row.bool() { waiting.append(now) }
            if let recovery = try row.optionalTime() { waiting.append(recovery) }
        }
        reply.nextDueIn = round.nextDue(waiting: waiting.min())
        (reply.rejected, reply.usedUp) = (round.rejected, round.usedUp)
        return reply
    }

    /// Keeps deliveries that cannot be read, or whose event cannot, for a version that can, and out of the way of the others.
    private var setAside: [PostgresStatement] {
        let keys = "unnest($1::text[], $2::text[]) AS n (account, id)"
        let parameters: [PostgresParameter] = [.texts(unreadable.map(\.account)), .texts(unreadable.map(\.id))]
        return [
            PostgresStatement(
                "UPDATE \(schema).queue AS q SET blocked = 2 FROM \(keys) WHERE q.account = n.account AND q.id = n.id",
                parameters),
            PostgresStatement(
                """
                SELECT \(schema).unblock(q.account, q.webhook, q.ordering_key)
                FROM \(keys) JOIN \(schema).queue AS q ON q.account = n.account AND q.id = n.id
                WHERE q.ordering_key IS NOT NULL
                """, parameters),
        ]
    }
}
#endif
