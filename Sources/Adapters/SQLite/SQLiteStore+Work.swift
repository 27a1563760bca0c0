#if SQLite
internal import GRDB
public import WebhookDelivery
internal import WebhookEvents
internal import WebhookSigning

extension SQLiteStore {
    /// Leases due deliveries, one webhook after the other.
    public func claim(_ request: ClaimRequest) async throws -> ClaimReply {
        let now = clock.now
        return try await database.write { db in
            let heads = try Self.heads(db)
            var turns = try self.turns(heads.filter { $0.due <= now }.map(\.webhook), request, at: now, db)
            var reply = ClaimReply(deliveries: [], nextDueIn: nil)
            var bytes = 0
            var progressed = true
            while progressed {
                progressed = false
                for index in turns.indices
                where reply.deliveries.count < request.count && (bytes < request.bytes || bytes == 0) {
                    guard let claimed = try turns[index].claimNext(request, at: now, db) else { continue }
                    bytes += claimed.body.count
                    reply.deliveries.append(claimed)
                    progressed = true
                }
            }
            var nextDue = heads.map(\.due).filter { $0 > now }.min()
            for turn in turns {
                try turn.updateWebhook(db)
                reply.rejected += turn.rejected
                if let due = try turn.nextDue(request, at: now, db) { nextDue = min(nextDue ?? due, due) }
            }
            reply.nextDueIn = nextDue.map { max(.zero, $0 - now) }
            return reply
        }
    }

    /// When each active webhook with open deliveries has something due; the one that was served longest ago comes first.
    private static func heads(_ db: Database) throws -> [(webhook: String, due: Timestamp)] {
        // A loose index scan: one look-up for each webhook with open deliveries, however many deliveries it has.
        let statement = try db.cachedStatement(
            sql: """
                WITH RECURSIVE open (webhook) AS (
                    SELECT MIN(webhook) FROM taskflow_deliveries WHERE status IN ('pending', 'leased')
                    UNION ALL
                    SELECT (SELECT MIN(webhook) FROM taskflow_deliveries
                        WHERE status IN ('pending', 'leased') AND webhook > open.webhook)
                    FROM open WHERE open.webhook IS NOT NULL
                )
                SELECT w.id, (SELECT MIN(due_at) FROM taskflow_deliveries
                    WHERE status IN ('pending', 'leased') AND webhook = w.id) AS due
                FROM open JOIN taskflow_webhooks w ON w.id = open.webhook
                WHERE w.state = 'active' ORDER BY w.last_triggered, w.id
                """)
        return try Row.fetchAll(statement).map { ($0["id"], Timestamp(microseconds: $0["due"])) }
    }

    private func turns(
        _ due: [String], _ request: ClaimRequest, at now: Timestamp, _ db: Database
    ) throws -> [ClaimTurn] {
        // More webhooks than room: each gets one turn. Fewer: each may fill twice its share, the rest comes next time.
        let share = max(1, 2 * request.count / max(1, due.count))
        return try due.prefix(request.count).compactMap { id in
            // A webhook that cannot be read must not hold up the others.
            guard let id = WebhookID(id), let webhook = try? Self.webhook(id, db) else { return nil }
            return try ClaimTurn(webhook: webhook, share: share, request, at: now, db)
        }
    }

    /// Records attempts and moves their deliveries on.
    public func settle(_ settlements: [Settlement]) async throws -> [DeliveryState.OnSettle] {
        let now = clock.now
        return try await database.write { db in
            var webhooks: [WebhookID: Webhook] = [:]
            let results = try settlements.map { settlement -> DeliveryState.OnSettle in
                let id = settlement.lease.webhook
                // A row that cannot be read must not hold up the rest of its batch.
                guard var delivery = try? Self.delivery(settlement.lease.delivery, db),
                    var webhook = webhooks[id] ?? (try? Self.webhook(id, db))?.webhook
                else { return .fenced }
                let result = delivery.state.settle(settlement, webhook: &webhook, at: now)
                guard result != .fenced else { return result }
                try delivery.update(db)
                try settlement.attempt.insert(db, delivery: delivery.id)
                webhooks[id] = webhook
                return result
            }
            for webhook in webhooks.values { try webhook.update(db) }
            return results
        }
    }

    /// Gives back deliveries of which nothing was sent.
    public func release(_ leases: [Lease]) async throws {
        let now = clock.now
        try await database.write { db in
            for lease in leases {
                guard var delivery = try Self.delivery(lease.delivery, db),
                    delivery.state.release(token: lease.token, at: now)
                else { continue }
                try delivery.update(db)
            }
        }
    }

    private static func delivery(_ id: DeliveryID, _ db: Database) throws -> Delivery? {
        let statement = try db.cachedStatement(sql: "SELECT * FROM taskflow_deliveries WHERE id = ?")
        return try Row.fetchOne(statement, arguments: [id.rawValue]).map(Delivery.init(row:))
    }
}

/// One webhook's part in a claim.
private struct ClaimTurn {
    private var webhook: RegisteredWebhook
    private let original: Webhook
    private var candidates: ArraySlice<Delivery>
    private var leased: Int
    private(set) var rejected: [DeliveryID] = []

    init(webhook: RegisteredWebhook, share: Int, _ request: ClaimRequest, at now: Timestamp, _ db: Database) throws {
        self.webhook = webhook
        self.original = webhook.webhook
        let count = try db.cachedStatement(
            sql: "SELECT COUNT(*) FROM taskflow_deliveries WHERE webhook = ? AND status = 'leased' AND due_at > ?")
        let leased = try Int.fetchOne(count, arguments: [webhook.id.rawValue, now.microseconds]) ?? 0
        let due = try db.cachedStatement(
            sql: """
                SELECT * FROM taskflow_deliveries
                WHERE webhook = ? AND status IN ('pending', 'leased') AND due_at <= ? ORDER BY due_at, id LIMIT ?
                """)
        let limit = max(0, min(share, request.perWebhook - leased))
        self.leased = leased
        self.candidates = try Row.fetchAll(due, arguments: [webhook.id.rawValue, now.microseconds, limit])
            .compactMap { try? Delivery(row: $0) }[...]
    }

    mutating func claimNext(_ request: ClaimRequest, at now: Timestamp, _ db: Database) throws -> ClaimedDelivery? {
        while var delivery = candidates.popFirst() {
            let result = delivery.state.claim(
                at: now, lease: webhook.webhook.timeout + request.leaseMargin, webhook: &webhook.webhook,
                dailyLimit: request.dailyLimit)
            try delivery.update(db)
            if result == .rejected { rejected.append(delivery.id) }
            guard case .leased(let token) = result else { continue }
            leased += 1
            let statement = try db.cachedStatement(sql: "SELECT body FROM taskflow_events WHERE account = ? AND id = ?")
            guard
                let row = try Row.fetchOne(statement, arguments: [delivery.account.rawValue, delivery.event.rawValue])
            else { throw UnreadableRow(table: "taskflow_events", id: delivery.event.rawValue) }
            return ClaimedDelivery(
                lease: Lease(delivery: delivery.id, webhook: webhook.id, token: token), delivery: delivery,
                webhook: webhook.webhook, secrets: webhook.secrets, body: try row.bytes("body"))
        }
        return nil
    }

    /// Writes the webhook if the claim changed it: a claim that finds nothing must not cost a write to the disk.
    func updateWebhook(_ db: Database) throws {
        if webhook.webhook != original { try webhook.webhook.update(db) }
    }

    /// When there is more to do for the webhook.
    ///
    /// At its cap that is when the next lease ends; leases that have ended wait behind older deliveries for a free place.
    func nextDue(_ request: ClaimRequest, at now: Timestamp, _ db: Database) throws -> Timestamp? {
        let condition =
            leased < request.perWebhook ? "status IN ('pending', 'leased')" : "status = 'leased' AND due_at > ?"
        let arguments: StatementArguments =
            leased < request.perWebhook ? [webhook.id.rawValue] : [webhook.id.rawValue, now.microseconds]
        let statement = try db.cachedStatement(
            sql: "SELECT MIN(due_at) FROM taskflow_deliveries WHERE webhook = ? AND \(condition)")
        return try Int64.fetchOne(statement, arguments: arguments).map { Timestamp(microseconds: $0) }
    }
}
#endif
