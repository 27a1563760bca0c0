#if SQLite
internal import GRDB
public import WebhookDelivery
internal import WebhookEvents
internal import WebhookSigning

extension SQLiteStore {
    /// The most accounts that one look takes in, and the most looks of a claim: beyond them it is told to come again.
    private static let (accountsPerLook, looksPerClaim) = (256, 8)

    /// Leases due deliveries, one account after the other.
    public func claim(_ request: ClaimRequest) async throws -> ClaimReply {
        let now = clock.now
        return try await write { db in
            let nextRecovery = try self.advanceRecoveries(at: now, db)
            let number = try AccountQueue.latestTurn(db) + 1
            var round = ClaimRound(request, at: now)
            var secrets: [WebhookID: SecretRotation] = [:]
            var limit = min(max(request.count, 16), Self.accountsPerLook)
            for _ in 0..<Self.looksPerClaim where round.room > 0 {
                var accounts = try AccountQueue.due(at: now, before: number, limit: limit, db)
                let isIdle = accounts.isEmpty && round.claimed.isEmpty
                if isIdle { accounts = try AccountQueue.stale(limit: limit, db) }
                if accounts.isEmpty { break }
                var look = ClaimLook(round, accounts: accounts.count, at: now)
                let turns = round.serve(try accounts.map { try look.candidates(of: $0, self, db) })
                secrets.merge(look.secrets) { first, _ in first }
                try AccountQueue.write(turns, number: number, db)
                if isIdle { break }
                limit = min(2 * limit, Self.accountsPerLook)
            }
            for delivery in round.changed { try delivery.update(db) }
            for webhook in round.webhooks { try webhook.update(db) }
            let waiting = earliest(try AccountQueue.nextDue(before: number, db), nextRecovery)
            var reply = ClaimReply(
                deliveries: try Self.complete(round.claimed, secrets, db), nextDueIn: round.nextDue(waiting: waiting))
            (reply.rejected, reply.usedUp) = (round.rejected, round.usedUp)
            return reply
        }
    }

    /// Adds the bodies and the secrets to what was leased.
    private static func complete(
        _ claimed: [ClaimRound.Claimed], _ secrets: [WebhookID: SecretRotation], _ db: Database
    ) throws -> [ClaimedDelivery] {
        let bodies = try db.cachedStatement(sql: "SELECT body FROM taskflow_events WHERE account = ? AND id = ?")
        return try claimed.map { claimed in
            let delivery = claimed.delivery
            let rows = try Row.fetchCursor(bodies, arguments: [delivery.account.rawValue, delivery.event.rawValue])
            guard let row = try rows.next(), let secrets = secrets[delivery.webhook] else {
                throw UnreadableRow(table: "taskflow_events", id: delivery.event.rawValue)
            }
            var columns = Columns(row)
            return ClaimedDelivery(
                lease: claimed.lease, delivery: delivery, webhook: claimed.webhook, secrets: secrets,
                body: try columns.bytes())
        }
    }
}

/// What a claim reads of the accounts whose turn it is.
private struct ClaimLook {
    private let round: ClaimRound
    private let accounts: Int
    private let now: Timestamp
    /// The secrets of the webhooks that were read.
    private(set) var secrets: [WebhookID: SecretRotation] = [:]

    init(_ round: ClaimRound, accounts: Int, at now: Timestamp) {
        self.round = round
        self.accounts = accounts
        self.now = now
    }

    mutating func candidates(of account: AccountID, _ store: SQLiteStore, _ db: Database) throws -> AccountCandidates {
        let active = try db.cachedStatement(
            sql: """
                SELECT \(SQLiteStore.webhookColumns) FROM taskflow_webhooks w WHERE account = ? AND state = 'active' AND EXISTS (
                    SELECT 1 FROM taskflow_deliveries WHERE webhook = w.id AND is_open = 1
                        AND is_blocked = 0)
                ORDER BY last_triggered, id
                """)
        // A webhook that cannot be read must not hold up the others.
        let webhooks = try Row.fetchAll(active, arguments: [account.rawValue]).compactMap {
            try? store.webhook(row: $0)
        }
        for webhook in webhooks { secrets[webhook.id] = webhook.secrets }
        let share = round.share(accounts: accounts, webhooks: webhooks.count)
        let leases = try leases(of: account, db)
        return AccountCandidates(
            account: account, leased: leases.values.reduce(0) { $0 + $1.count },
            nextLeaseEnd: leases.values.map(\.firstEnd).min(),
            webhooks: try webhooks.map { try candidates(of: $0.webhook, leases[$0.id.rawValue], share: share, db) })
    }

    /// How many leases an account has, by webhook, and when the first ends.
    private func leases(
        of account: AccountID, _ db: Database
    ) throws -> [String: (count: Int, firstEnd: Timestamp)] {
        let statement = try db.cachedStatement(
            sql: """
                SELECT webhook, COUNT(*), MIN(due_at) FROM taskflow_deliveries
                WHERE account = ? AND status = 'leased' AND due_at > ? GROUP BY webhook
                """)
        let rows = try Row.fetchCursor(statement, arguments: [account.rawValue, now.microseconds])
        var leases: [String: (count: Int, firstEnd: Timestamp)] = [:]
        while let row = try rows.next() { leases[row[0]] = (row[1], Timestamp(microseconds: row[2])) }
        return leases
    }

    private func candidates(
        of webhook: Webhook, _ leases: (count: Int, firstEnd: Timestamp)?, share: Int, _ db: Database
    ) throws -> WebhookCandidates {
        let id = webhook.id.rawValue
        let firsts = try due(webhook: id, isRetry: false, limit: share, db)
        // One retry is looked at also when there is no place for any, to know that it waits.
        let retries = try due(webhook: id, isRetry: true, limit: max(1, min(share, round.roomForRetries)), db)
        return WebhookCandidates(
            webhook: webhook, leased: leases?.count ?? 0, nextLeaseEnd: leases?.firstEnd, firsts: firsts.found,
            retries: retries.found, hasMoreFirsts: firsts.hasMore, hasMoreRetries: retries.hasMore,
            nextDue: earliest(firsts.nextDue, retries.nextDue))
    }

    /// The deliveries that are due, and when the first one is that is not due yet.
    private func due(
        webhook: String, isRetry: Bool, limit: Int, _ db: Database
    ) throws -> (found: [WebhookCandidates.Candidate], hasMore: Bool, nextDue: Timestamp?) {
        let statement = try db.cachedStatement(
            sql: """
                SELECT \(Delivery.columns),
                    (SELECT LENGTH(body) FROM taskflow_events e WHERE e.account = d.account AND e.id = d.event)
                FROM taskflow_deliveries d WHERE is_open = 1 AND is_blocked = 0 AND webhook = ? AND is_retry = ?
                ORDER BY due_at, sequence LIMIT ?
                """)
        let rows = try Row.fetchCursor(statement, arguments: [webhook, isRetry, limit + 1])
        var found: [WebhookCandidates.Candidate] = []
        var unreadable: [Int64] = []
        while let row = try rows.next() {
            let delivery = try? Delivery(row: row)
            if let dueAt = delivery?.state.dueAt, dueAt > now {
                try setAside(unreadable, db)
                return (found, false, dueAt)
            }
            if let delivery, let bytes = row[18] as Int? {
                found.append(WebhookCandidates.Candidate(delivery: delivery, bytes: bytes))
            } else {
                unreadable.append(row[15])
            }
        }
        try setAside(unreadable, db)
        let hasMore = found.count + unreadable.count > limit
        return (Array(found.prefix(limit)), hasMore, nil)
    }

    /// Keeps rows for a version that can read them, and out of the way of those behind them.
    private func setAside(_ sequences: [Int64], _ db: Database) throws {
        for sequence in sequences {
            try db.cachedStatement(sql: "UPDATE taskflow_deliveries SET is_blocked = 2 WHERE sequence = ?")
                .execute(arguments: [sequence])
        }
    }
}

/// The earlier of two moments.
private func earliest(_ one: Timestamp?, _ other: Timestamp?) -> Timestamp? {
    guard let one, let other else { return one ?? other }
    return min(one, other)
}
#endif
