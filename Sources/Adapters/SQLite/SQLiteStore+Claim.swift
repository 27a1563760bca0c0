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
            var limit = min(max(request.count, 16), Self.accountsPerLook)
            for _ in 0..<Self.looksPerClaim where round.room > 0 {
                var accounts = try AccountQueue.due(at: now, before: number, limit: limit, db)
                let isIdle = accounts.isEmpty && round.claimed.isEmpty
                if isIdle { accounts = try AccountQueue.stale(limit: limit, db) }
                if accounts.isEmpty { break }
                let look = ClaimLook(round, accounts: accounts.count, at: now)
                let turns = round.serve(try accounts.map { try look.candidates(of: $0, self, db) })
                try AccountQueue.write(turns, number: number, db)
                if isIdle { break }
                limit = min(2 * limit, Self.accountsPerLook)
            }
            for delivery in round.changed { try delivery.update(db) }
            for webhook in round.webhooks { try webhook.update(db) }
            let waiting = earliest(try AccountQueue.nextDue(before: number, db), nextRecovery)
            var reply = ClaimReply(
                deliveries: try self.complete(round.claimed, db), nextDueIn: round.nextDue(waiting: waiting))
            (reply.rejected, reply.usedUp) = (round.rejected, round.usedUp)
            return reply
        }
    }

    /// Adds the bodies and the secrets to what was leased.
    private func complete(_ claimed: [ClaimRound.Claimed], _ db: Database) throws -> [ClaimedDelivery] {
        let bodies = try db.cachedStatement(sql: "SELECT body FROM taskflow_events WHERE account = ? AND id = ?")
        var secrets: [WebhookID: SecretRotation] = [:]
        return try claimed.map { claimed in
            let delivery = claimed.delivery
            let rotation = try secrets[delivery.webhook] ?? self.webhook(delivery.webhook, db)?.secrets
            secrets[delivery.webhook] = rotation
            let row = try Row.fetchOne(bodies, arguments: [delivery.account.rawValue, delivery.event.rawValue])
            guard let rotation, let row else {
                throw UnreadableRow(table: "taskflow_events", id: delivery.event.rawValue)
            }
            return ClaimedDelivery(
                lease: claimed.lease, delivery: delivery, webhook: claimed.webhook, secrets: rotation,
                body: try row.bytes("body"))
        }
    }
}

/// What a claim reads of the accounts whose turn it is.
private struct ClaimLook {
    private let round: ClaimRound
    private let accounts: Int
    private let now: Timestamp

    init(_ round: ClaimRound, accounts: Int, at now: Timestamp) {
        self.round = round
        self.accounts = accounts
        self.now = now
    }

    func candidates(of account: AccountID, _ store: SQLiteStore, _ db: Database) throws -> AccountCandidates {
        let active = try db.cachedStatement(
            sql: """
                SELECT * FROM taskflow_webhooks w WHERE account = ? AND state = 'active' AND EXISTS (
                    SELECT 1 FROM taskflow_deliveries WHERE webhook = w.id AND status IN ('pending', 'leased')
                        AND is_blocked = 0)
                ORDER BY last_triggered, id
                """)
        // A webhook that cannot be read must not hold up the others.
        let webhooks = try Row.fetchAll(active, arguments: [account.rawValue]).compactMap {
            try? store.webhook(row: $0)
        }
        let share = round.share(accounts: accounts, webhooks: webhooks.count)
        let leased = try leases("account = ?", [account.rawValue], db)
        return AccountCandidates(
            account: account, leased: leased.count, nextLeaseEnd: leased.firstEnd,
            webhooks: try webhooks.map { try candidates(of: $0.webhook, share: share, db) })
    }

    private func candidates(of webhook: Webhook, share: Int, _ db: Database) throws -> WebhookCandidates {
        let id = webhook.id.rawValue
        let leased = try leases("account = ? AND webhook = ?", [webhook.account.rawValue, id], db)
        // One retry is looked at also when there is no place for any, to know that it waits.
        let limits = (firsts: share, retries: max(1, min(share, round.roomForRetries)))
        let firsts = try due(webhook: id, isRetry: false, limit: limits.firsts, db)
        let retries = try due(webhook: id, isRetry: true, limit: limits.retries, db)
        let next = try db.cachedStatement(
            sql: """
                SELECT MIN(due_at) FROM taskflow_deliveries WHERE status IN ('pending', 'leased') AND is_blocked = 0
                    AND webhook = ? AND is_retry = ? AND due_at > ?
                """)
        let nextDue = try [false, true].map { isRetry in
            try Int64.fetchOne(next, arguments: [id, isRetry, now.microseconds]).map { Timestamp(microseconds: $0) }
        }
        return WebhookCandidates(
            webhook: webhook, leased: leased.count, nextLeaseEnd: leased.firstEnd, firsts: firsts.found,
            retries: retries.found, hasMoreFirsts: firsts.hasMore, hasMoreRetries: retries.hasMore,
            nextDue: earliest(nextDue[0], nextDue[1]))
    }

    private func leases(
        _ owner: String, _ arguments: StatementArguments, _ db: Database
    ) throws -> (count: Int, firstEnd: Timestamp?) {
        let statement = try db.cachedStatement(
            sql: """
                SELECT COUNT(*) AS count, MIN(due_at) AS first FROM taskflow_deliveries
                WHERE \(owner) AND status = 'leased' AND due_at > ?
                """)
        let row = try Row.fetchOne(statement, arguments: arguments + [now.microseconds])
        return (row?["count"] ?? 0, (row?["first"] as Int64?).map { Timestamp(microseconds: $0) })
    }

    private func due(
        webhook: String, isRetry: Bool, limit: Int, _ db: Database
    ) throws -> (found: [WebhookCandidates.Candidate], hasMore: Bool) {
        let statement = try db.cachedStatement(
            sql: """
                SELECT d.*, (SELECT LENGTH(body) FROM taskflow_events e WHERE e.account = d.account AND e.id = d.event)
                    AS bytes
                FROM taskflow_deliveries d WHERE status IN ('pending', 'leased') AND is_blocked = 0
                    AND webhook = ? AND is_retry = ? AND due_at <= ? ORDER BY due_at, sequence LIMIT ?
                """)
        let rows = try Row.fetchAll(statement, arguments: [webhook, isRetry, now.microseconds, limit])
        let found = try rows.compactMap { row -> WebhookCandidates.Candidate? in
            if let delivery = try? Delivery(row: row), let bytes = row["bytes"] as Int? {
                return WebhookCandidates.Candidate(delivery: delivery, bytes: bytes)
            }
            // It is kept for a version that can read it, and must not hold up those behind it.
            try db.cachedStatement(sql: "UPDATE taskflow_deliveries SET is_blocked = 2 WHERE sequence = ?")
                .execute(arguments: [row["sequence"] as Int64])
            return nil
        }
        return (found, rows.count >= limit)
    }
}

/// The earlier of two moments.
private func earliest(_ one: Timestamp?, _ other: Timestamp?) -> Timestamp? {
    guard let one, let other else { return one ?? other }
    return min(one, other)
}
#endif
