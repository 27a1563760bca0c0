#if PostgreSQL
internal import Synchronization
public import WebhookDelivery
internal import WebhookEvents
internal import WebhookLimits
internal import WebhookSigning
internal import WebhookStoreKit

extension PostgresStore {
    /// The most accounts per scan, and the most scans per claim; beyond them the reply asks the worker to claim again.
    private static let (accountsPerLook, looksPerClaim) = (256, 8)

    /// Leases due deliveries, one account after the other.
    public func claim(_ request: ClaimRequest) async throws -> ClaimReply {
        let moment = moment
        try await retryUnreadable()
        return try await pool.run { [self] session in
            do {
                var claim = try ClaimTransaction(self, session, at: moment, request)
                var limit = min(max(request.count, 16), Self.accountsPerLook)
                for _ in 0..<Self.looksPerClaim where claim.round.room > 0 {
                    guard try claim.look(limit: limit) else { break }
                    limit = min(2 * limit, Self.accountsPerLook)
                }
                return try claim.commit()
            } catch is LockTimeout {
                // Nothing was written; the transaction must not delay the wake-up for new events any longer.
                _ = try session.run([PostgresStatement("ROLLBACK")])
                return ClaimReply(deliveries: [], nextDueIn: .zero)
            }
        }
    }

    /// Retries once, before the first claim, rows that an earlier version could not read.
    private func retryUnreadable() async throws {
        guard !hasRetriedUnreadable.withLock({ $0 }) else { return }
        try await pool.run { [schema] session in
            _ = try session.alone([PostgresStatement("SELECT \(schema.name).retry_unreadable()")])
        }
        hasRetriedUnreadable.withLock { $0 = true }
    }
}

/// Another transaction holds the only due account for longer than a claim waits.
struct LockTimeout: Error {}

/// A claim in progress: it locks accounts, reads their due deliveries, and writes everything at its commit.
///
/// Reads are separate statements after the locks, so that they see the commits of the locks' previous owners.
struct ClaimTransaction {
    /// How long a claim waits for an account that another transaction holds.
    private static let lockTimeout = Duration.milliseconds(20)

    let store: PostgresStore
    let session: PostgresSession
    let now: Timestamp
    let number: Int64
    /// Whether it holds accounts already, so that waiting for another could deadlock.
    let holdsLocks: Bool
    var round: ClaimRound
    /// The accounts that the claim skips.
    let held: Set<AccountID>
    /// The skipped accounts, and those that the claim has locked.
    var looked: [AccountID]
    private var hasTaken = false
    var turns: [AccountTurn] = []
    /// When the events of candidates were published: this determines the partitions of their bodies.
    var eventTimes: [DeliveryID: Timestamp] = [:]
    var unreadable: [DueDeliveries.Key] = []
    var secrets: [WebhookID: SecretRotation] = [:]

    var schema: String { store.schema.name }

    init(_ store: PostgresStore, _ session: PostgresSession, at moment: Timestamp?, _ request: ClaimRequest) throws {
        self.store = store
        self.session = session
        let name = store.schema.name
        var opening = [
            PostgresStatement("SELECT COALESCE($1, clock_timestamp()), nextval('\(name).turns')", .time(moment))
        ]
        if store.replayPace.rest(at: store.uptime) == .zero {
            opening.append(
                PostgresStatement(
                    """
                    SELECT r.account FROM \(name).replays AS r JOIN \(name).account_locks AS l ON l.account = r.account
                    WHERE r.state = 'running' AND r.next_at <= COALESCE($1, clock_timestamp()) AND r.account <> ALL ($3)
                    ORDER BY r.next_at LIMIT $2 FOR UPDATE OF l SKIP LOCKED
                    """, .time(moment), .integer(Replay.stepsPerClaim), .texts(request.held.map(\.rawValue))))
        }
        let found = try session.begin(opening)
        guard var row = found[0].first else { throw PostgresError.unreadable("accounts", "of a claim") }
        now = try row.time()
        number = try row.integer()
        let due = try found.dropFirst().flatMap(\.rows).map { row in
            var row = row
            return AccountID(unchecked: try row.text())
        }
        held = request.held
        looked = Array(held)
        holdsLocks = !due.isEmpty
        round = ClaimRound(request, now: now)
        guard holdsLocks else { return }
        try store.replayPace.measure({ store.uptime }) { [now] in
            try store.advanceReplays(of: due, now: now, session)
        }
    }

    /// Scans the accounts whose turn it is; returns whether there may be more.
    mutating func look(limit: Int) throws -> Bool {
        var accounts = try take(limit: limit)
        var isIdle = false
        if accounts.isEmpty, round.claimed.isEmpty {
            accounts = try takeStale(limit: limit)
            isIdle = true
        }
        if accounts.isEmpty { return false }
        looked += accounts
        hasTaken = true
        turns += round.serve(try candidates(of: accounts))
        return !isIdle
    }

    /// Locks accounts that are due or have new deliveries, and skips those that another worker holds.
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
        // The remaining accounts may be locked only briefly: waiting for one of them is better than claiming
        // repeatedly.
        if found.isEmpty, !hasTaken, !holdsLocks {
            found = try waitingForOthers { try run("LEAST($3, 1) FOR UPDATE OF l", limit: limit) }
        }
        if let last = found.last(where: \.isNew) { store.lastArrived.withLock { $0 = last.account.rawValue } }
        return found.map(\.account)
    }

    /// Locks accounts that other transactions hold, but does not wait long for them.
    private func waitingForOthers<Value>(_ take: () throws -> Value) throws -> Value {
        _ = try session.run([PostgresSession.lockTimeout(Self.lockTimeout)])
        do { return try take() } catch let error as PostgresError where error.sqlState == "55P03" {
            throw LockTimeout()
        }
    }

    /// Locks accounts whose `due_at` is not exact.
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
}
#endif
