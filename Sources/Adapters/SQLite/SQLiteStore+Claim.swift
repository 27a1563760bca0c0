#if SQLite
internal import GRDB
public import WebhookDelivery
internal import WebhookEvents
internal import WebhookSigning
internal import WebhookStoreKit

extension SQLiteStore {
    /// The most accounts per scan, and the most scans per claim; beyond them the reply asks the worker to claim again.
    private static let (accountsPerLook, looksPerClaim) = (256, 8)

    /// Leases due deliveries, one account after the other.
    public func claim(_ request: ClaimRequest) async throws -> ClaimReply {
        let now = clock.now
        return try await write { db in
            if self.replayPace.rest(at: self.clock.uptime) == .zero { try self.advanceReplays(now: now, db) }
            let nextReplay = try self.nextReplay(now: now, db)
            let number = try AccountQueue.latestTurn(db) + 1
            var round = ClaimRound(request, now: now)
            var secrets: [WebhookID: SecretRotation] = [:]
            var limit = min(max(request.count, 16), Self.accountsPerLook)
            for _ in 0..<Self.looksPerClaim where round.room > 0 {
                var accounts = try AccountQueue.due(now: now, before: number, limit: limit, db)
                let isIdle = accounts.isEmpty && round.claimed.isEmpty
                if isIdle { accounts = try AccountQueue.stale(limit: limit, db) }
                if accounts.isEmpty { break }
                var look = ClaimScan(round, accounts: accounts.count, now: now)
                let turns = round.serve(try accounts.map { try look.candidates(of: $0, self, db) })
                secrets.merge(look.secrets) { first, _ in first }
                try AccountQueue.write(turns, number: number, db)
                if isIdle { break }
                limit = min(2 * limit, Self.accountsPerLook)
            }
            for delivery in round.changed { try delivery.update(db) }
            for webhook in round.webhooks { try webhook.update(db) }
            for postponed in round.postponed { try Self.postponed(postponed, of: round.postponed.count, now: now, db) }
            let waiting = earliest([try AccountQueue.nextDue(before: number, db), nextReplay])
            var reply = ClaimReply(
                deliveries: try Self.complete(round.claimed, secrets, db), nextDueIn: round.nextDue(waiting: waiting))
            (reply.rejected, reply.quotaExhausted) = (round.rejected, round.quotaExhausted)
            return reply
        }
    }

    /// Postpones a batch of a webhook's deliveries whose quota is exhausted, in one statement, since they may be many.
    private static func postponed(
        _ postponed: ClaimRound.Postponement, of webhooks: Int, now: Timestamp, _ db: Database
    ) throws {
        try db.run(
            """
            UPDATE taskflow_deliveries SET due_at = ?1, reason = '\(Delivery.State.Reason.dailyLimit.rawValue)'
            WHERE sequence IN (
                SELECT sequence FROM taskflow_deliveries
                WHERE status = 'pending' AND hold = '' AND webhook = ?2 AND is_retry IN (0, 1) AND due_at <= ?3
                    AND is_charged = 0 LIMIT ?4)
            """, postponed.until.microseconds, postponed.webhook.rawValue, now.microseconds,
            ClaimRound.Postponement.limit(of: webhooks))
    }

    /// Adds bodies and secrets to the leased deliveries.
    private static func complete(
        _ claimed: [ClaimRound.Claimed], _ secrets: [WebhookID: SecretRotation], _ db: Database
    ) throws -> [ClaimedDelivery] {
        try claimed.map { claimed in
            let delivery = claimed.delivery
            let event = try db.first(
                "SELECT body, trace_context FROM taskflow_events WHERE account = ? AND id = ?",
                delivery.accountID.rawValue,
                delivery.eventID.rawValue
            ) { ($0.bytes(), $0.optionalText()) }
            guard let (body, trace) = event, let secrets = secrets[delivery.webhookID] else {
                throw UnreadableRow(table: "taskflow_events", id: delivery.eventID.rawValue)
            }
            return ClaimedDelivery(
                lease: claimed.lease, delivery: delivery, webhook: claimed.webhook, pace: claimed.pace,
                secrets: secrets, body: body, trace: trace.flatMap { try? EventPublication.TraceContext(stored: $0) })
        }
    }
}

/// The rows that a claim reads of the accounts in turn.
private struct ClaimScan {
    private let round: ClaimRound
    private let accounts: Int
    private let now: Timestamp
    /// The secrets of the webhooks read so far.
    private(set) var secrets: [WebhookID: SecretRotation] = [:]

    init(_ round: ClaimRound, accounts: Int, now: Timestamp) {
        self.round = round
        self.accounts = accounts
        self.now = now
    }

    mutating func candidates(of account: AccountID, _ store: SQLiteStore, _ db: Database) throws -> AccountCandidates {
        var webhooks: [RegisteredWebhook] = []
        var hasUnreadable = false
        try db.each(
            """
            SELECT \(SQLiteStore.webhookColumns) FROM taskflow_webhooks w
            WHERE account = ? AND state = 'active' AND (
                EXISTS (SELECT 1 FROM taskflow_deliveries WHERE webhook = w.id AND status = 'pending' AND hold = '')
                OR EXISTS (SELECT 1 FROM taskflow_deliveries INDEXED BY taskflow_deliveries_leased
                    WHERE account = w.account AND webhook = w.id AND status = 'leased' AND hold = ''))
            ORDER BY last_triggered, id
            """, account.rawValue
        ) {
            // An unreadable webhook must not hold up the others.
            if let webhook = try? store.webhook(&$0) { webhooks.append(webhook) } else { hasUnreadable = true }
        }
        for webhook in webhooks { secrets[webhook.id] = webhook.secrets }
        let share = round.share(accounts: accounts, webhooks: webhooks.count)
        let leases = try leases(of: account, db)
        return AccountCandidates(
            account: account, leased: leases.values.reduce(0) { $0 + $1.count },
            nextLeaseEnd: earliest(leases.values.map(\.firstEnd)), hasUnreadable: hasUnreadable,
            webhooks: try webhooks.map { try candidates(of: $0.webhook, leases[$0.id.rawValue], share: share, db) })
    }

    /// The leases of a webhook.
    private struct Leases {
        /// How many are active.
        let count: Int
        /// When the first active one ends.
        let firstEnd: Timestamp?
        /// Whether others have ended, so that their deliveries are due.
        let haveEnded: Bool
    }

    /// Returns the leases of an account, by webhook.
    private func leases(of account: AccountID, _ db: Database) throws -> [String: Leases] {
        var leases: [String: Leases] = [:]
        try db.each(
            """
            SELECT webhook, SUM(due_at > ?2), MIN(CASE WHEN due_at > ?2 THEN due_at END), MIN(due_at) <= ?2
            FROM taskflow_deliveries INDEXED BY taskflow_deliveries_leased
            WHERE account = ?1 AND status = 'leased' GROUP BY webhook
            """, account.rawValue, now.microseconds
        ) {
            leases[$0.text()] = Leases(count: $0.int(), firstEnd: $0.optionalTime(), haveEnded: $0.bool())
        }
        return leases
    }

    private func candidates(
        of webhook: Webhook, _ leases: Leases?, share: Int, _ db: Database
    ) throws -> WebhookCandidates {
        let hasEnded = leases?.haveEnded ?? false
        let limits = round.limits(of: webhook, leased: leases?.count ?? 0)
        let firsts = try due(
            webhook, isRetry: false, orEndedLease: hasEnded, limit: min(share, limits.firsts), db)
        // One retry is read even without a free slot, to know whether any waits.
        let retries = try due(
            webhook, isRetry: true, orEndedLease: hasEnded,
            limit: max(1, min(share, limits.retries, round.roomForRetries)), db)
        return WebhookCandidates(
            webhook: webhook, leased: leases?.count ?? 0, nextLeaseEnd: leases?.firstEnd, firsts: firsts.found,
            retries: retries.found, hasMoreFirsts: firsts.hasMore, hasMoreRetries: retries.hasMore,
            nextDue: earliest([firsts.nextDue, retries.nextDue, leases?.firstEnd]))
    }

    private static let (due, dueOrEndedLease) = {
        func select(_ status: String) -> String {
            """
            SELECT sequence, due_at,
                (SELECT LENGTH(body) FROM taskflow_events e WHERE e.account = d.account AND e.id = d.event),
                \(Delivery.columns)
            FROM taskflow_deliveries d WHERE status = '\(status)' AND hold = '' AND webhook = ?1 AND is_retry = ?2
            """
        }
        let (ended, order) = ("AND account = ?4 AND due_at <= ?5", "ORDER BY due_at, sequence LIMIT ?3")
        return ("\(select("pending")) \(order)", "\(select("pending")) UNION ALL \(select("leased")) \(ended) \(order)")
    }()

    /// Returns the due deliveries, and when the first pending delivery that is not yet due becomes due.
    private func due(
        _ webhook: Webhook, isRetry: Bool, orEndedLease: Bool, limit: Int, _ db: Database
    ) throws -> (found: [WebhookCandidates.Candidate], hasMore: Bool, nextDue: Timestamp?) {
        var found: [WebhookCandidates.Candidate] = []
        var unreadable: [Int64] = []
        var nextDue: Timestamp?
        func read(_ columns: inout Columns) {
            let (sequence, dueAt, bytes) = (columns.integer(), columns.time(), columns.optionalInteger())
            if dueAt > now {
                nextDue = nextDue ?? dueAt
            } else if let bytes, let delivery = try? Delivery(reading: &columns) {
                found.append(WebhookCandidates.Candidate(delivery: delivery, bytes: Int(clamping: bytes)))
            } else {
                unreadable.append(sequence)
            }
        }
        let id = webhook.id.rawValue
        if orEndedLease {
            try db.each(
                Self.dueOrEndedLease, id, isRetry, limit + 1, webhook.accountID.rawValue, now.microseconds
            ) { read(&$0) }
        } else {
            try db.each(Self.due, id, isRetry, limit + 1) { read(&$0) }
        }
        // Unreadable rows are set aside for a version that can read them, so that they do not block later ones.
        for sequence in unreadable {
            try db.run("UPDATE taskflow_deliveries SET hold = 'unreadable' WHERE sequence = ?", sequence)
            try db.run(
                """
                UPDATE taskflow_deliveries SET hold = '' WHERE sequence = (
                    SELECT MIN(n.sequence) FROM taskflow_deliveries n
                    JOIN taskflow_deliveries o ON o.sequence = ? AND o.webhook = n.webhook
                        AND o.ordering_key = n.ordering_key
                    WHERE n.is_open = 1 AND n.hold = 'order')
                """, sequence)
        }
        return (Array(found.prefix(limit)), found.count + unreadable.count > limit, nextDue)
    }
}
#endif
