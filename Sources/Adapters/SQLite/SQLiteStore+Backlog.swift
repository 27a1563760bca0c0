#if SQLite
internal import GRDB
public import WebhookDelivery
public import WebhookEvents
public import WebhookLimits
internal import WebhookStoreKit

extension SQLiteStore {
    /// How many deliveries one step of a backlog policy changes: all other writes wait for the step.
    private static let backlogStep = 300

    /// Enables a webhook and applies a backlog policy to its waiting deliveries.
    ///
    /// Other writes run between the steps: a webhook may have 100 000 waiting deliveries, and a file has one writer.
    /// The last step enables the webhook, so an interrupted call can be repeated before anything is sent.
    public func enable(
        _ id: WebhookID, account: AccountID, backlog: Webhook.BacklogPolicy, limits: ServiceLimits
    ) async throws -> Webhook? {
        let now = clock.now
        // Checked first, because a refused call must change nothing; the last step checks it again.
        if backlog != .immediately {
            _ = try await change(id, of: account, limits: limits, isTrial: true) { webhook in webhook.enable(now: now) }
        }
        try await apply(backlog, to: id, account: account, now: now)
        return try await change(id, of: account, limits: limits) { webhook in webhook.enable(now: now) }
    }

    /// Discards the waiting deliveries of a webhook.
    public func discardBacklog(of id: WebhookID, account: AccountID) async throws -> Webhook? {
        try await apply(.discard, to: id, account: account, now: clock.now)
        return try await webhook(id, account: account)?.webhook
    }

    private func apply(
        _ backlog: Webhook.BacklogPolicy, to id: WebhookID, account: AccountID, now: Timestamp
    ) async throws {
        if backlog != .immediately {
            let waiting = try await database.read { db -> [Waiting] in
                // An unreadable webhook is not enabled, so its backlog stays unchanged.
                guard try self.webhook(id, db)?.webhook.accountID == account else { return [] }
                return try Self.waiting(for: id, account: account, db)
            }
            let places = backlog.places(of: waiting.map(\.orderingKey))
            for start in stride(from: 0, to: waiting.count, by: Self.backlogStep) {
                try await write(of: account) { db in
                    for index in waiting.indices[start...].prefix(Self.backlogStep) {
                        guard var delivery = try Self.pending(waiting[index].sequence, db) else { continue }
                        backlog.apply(to: &delivery, place: places[index], now: now)
                        try delivery.update(db)
                    }
                }
            }
        }
    }

    private struct Waiting {
        let sequence: Int64
        let orderingKey: String?
    }

    /// Returns a webhook's waiting deliveries in order, through indexes of open deliveries, since its history may be
    /// long.
    private static func waiting(for id: WebhookID, account: AccountID, _ db: Database) throws -> [Waiting] {
        var found: [Waiting] = []
        try db.each(
            """
            SELECT sequence, ordering_key FROM taskflow_deliveries INDEXED BY taskflow_deliveries_due
                WHERE webhook = ?1 AND account = ?2 AND status = 'pending' AND hold = ''
            UNION
            SELECT sequence, ordering_key FROM taskflow_deliveries INDEXED BY taskflow_deliveries_chains
                WHERE webhook = ?1 AND account = ?2 AND status = 'pending' AND is_open = 1 AND ordering_key IS NOT NULL
            UNION
            SELECT sequence, ordering_key FROM taskflow_deliveries INDEXED BY taskflow_deliveries_unreadable
                WHERE webhook = ?1 AND account = ?2 AND status = 'pending' AND hold = 'unreadable'
            ORDER BY sequence
            """, id.rawValue, account.rawValue
        ) { found.append(Waiting(sequence: $0.integer(), orderingKey: $0.optionalText())) }
        return found
    }

    /// Reads a delivery that is still waiting; `nil` when it is not, or is unreadable.
    private static func pending(_ sequence: Int64, _ db: Database) throws -> Delivery? {
        let sql = "SELECT \(Delivery.columns) FROM taskflow_deliveries WHERE sequence = ? AND status = 'pending'"
        return try db.first(sql, sequence) { try? Delivery(reading: &$0) } ?? nil
    }
}
#endif
