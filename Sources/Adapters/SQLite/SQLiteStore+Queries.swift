#if SQLite
internal import GRDB
public import WebhookDelivery
public import WebhookEvents
internal import WebhookStoreKit

extension SQLiteStore {
    /// Returns an event, without its bytes.
    public func event(_ id: EventID, account: AccountID) async throws -> StoredEvent? {
        try await database.read { db in
            let row = try db.first(
                "SELECT type, published_at, receipt FROM taskflow_events WHERE account = ? AND id = ?",
                account.rawValue, id.rawValue
            ) { ($0.text(), $0.time(), $0.bytes()) }
            guard let (type, publishedAt, entries) = row else { return nil }
            guard let type = EventType(type), let receipt = PublishReceipt(duplicateOf: id, storedEntries: entries)
            else { throw UnreadableRow(table: "taskflow_events", id: id.rawValue) }
            return StoredEvent(id: id, type: type, publishedAt: publishedAt, receipt: receipt)
        }
    }

    /// Returns an account's deliveries, newest first.
    public func deliveries(_ query: Delivery.Query) async throws -> [Delivery.History] {
        try await database.read { db in
            var deliveries: [Delivery] = []
            for part in try query.parts(db) {
                // Deliveries older than a full page are not needed.
                let last = deliveries.count == query.limit ? deliveries.last?.id : nil
                deliveries += try part.run(after: last, db)
                deliveries = Array(deliveries.sorted { $0.id > $1.id }.prefix(max(0, query.limit)))
            }
            return try deliveries.map { Delivery.History(delivery: $0, attempts: try Self.attempts(of: $0, db)) }
        }
    }

    /// Returns a delivery with the bodies of responses.
    public func delivery(_ id: DeliveryID, account: AccountID) async throws -> Delivery.History? {
        try await database.read { db in
            guard let delivery = try Self.delivery(id, account: account, db) else { return nil }
            var bodies: [Int: [UInt8]] = [:]
            try db.each("SELECT number, body FROM taskflow_response_bodies WHERE delivery = ?", id.rawValue) {
                columns in
                let number = columns.int()
                bodies[number] = columns.bytes()
            }
            let attempts = try Self.attempts(of: delivery, db).map { $0.withResponseBody(bodies[$0.number]) }
            return Delivery.History(delivery: delivery, attempts: attempts)
        }
    }

    private static func attempts(of delivery: Delivery, _ db: Database) throws -> [Attempt] {
        var attempts: [Attempt] = []
        try db.each(
            "SELECT \(Attempt.columns) FROM taskflow_attempts WHERE delivery = ? ORDER BY number", delivery.id.rawValue
        ) { attempts.append(try Attempt(reading: &$0)) }
        return attempts
    }

    /// Returns a webhook's statistics.
    public func statistics(
        of webhook: WebhookID, account: AccountID, over window: DeliveryStatistics.Window
    ) async throws -> DeliveryStatistics {
        try await database.read { db in
            var statistics = DeliveryStatistics(over: window)
            try db.each(
                """
                SELECT CASE WHEN d.attempts = a.number THEN d.status END, \(Attempt.summaryColumns.qualified("a"))
                FROM taskflow_attempts a JOIN taskflow_deliveries d ON d.account = ?4 AND d.id = a.delivery
                WHERE a.webhook = ?1 AND a.started_at >= ?2 AND a.started_at < ?3 AND d.created_by <> 'test'
                """, webhook.rawValue, window.since.microseconds, window.until.microseconds, account.rawValue
            ) { columns in
                let ended = columns.optionalText().flatMap(Delivery.State.Status.init(rawValue:))
                statistics.add(try Attempt(readingSummary: &columns), ended: ended.flatMap { $0.isFinal ? $0 : nil })
            }
            return statistics
        }
    }

    /// Returns the delivery counts.
    public func deliveryCounts(of account: AccountID?) async throws -> DeliveryCounts {
        let condition = account == nil ? "" : "WHERE account = ?"
        let arguments: StatementArguments = account.map { [$0.rawValue] } ?? []
        return try await database.read { db in
            var deliveryCounts = DeliveryCounts()
            // `accepted` is computed from the events, not from the deliveries, so that a mismatch shows. For an account
            // it covers the events that still have deliveries, because no index has all its events: only the counts
            // over all accounts show an event whose deliveries are missing.
            let own = "WHERE account = ?1 AND id IN (SELECT event FROM taskflow_deliveries WHERE account = ?1)"
            let accepted =
                "SELECT COALESCE(SUM(MIN(MAX(fan_out, 0), 1 << 30)), 0) FROM taskflow_events \(account == nil ? "" : own)"
            deliveryCounts.accepted = try Int.fetchOne(db, sql: accepted, arguments: arguments) ?? 0
            let counts = "SELECT status, COUNT(*) AS count FROM taskflow_deliveries \(condition) GROUP BY status"
            for row in try Row.fetchAll(db, sql: counts, arguments: arguments) {
                // An unreadable status leaves the counts unbalanced, which reveals it.
                guard let status = Delivery.State.Status(rawValue: row["status"]) else { continue }
                deliveryCounts.add(row["count"], status)
            }
            return deliveryCounts
        }
    }
}
#endif
