#if SQLite
internal import Foundation
public import GRDB
public import WebhookDelivery
internal import WebhookEvents
internal import WebhookPayload

extension SQLiteStore {
    /// Keeps an event and its deliveries in a transaction of their own.
    public func publish(_ publication: EventPublication) async throws -> PublishReceipt {
        try await database.write { db in try self.publish(publication, in: db) }
    }

    /// Keeps an event and its deliveries inside the host's own transaction: committed together, or not at all.
    ///
    /// Call `WebhookService.wake()` after the commit; without it the deliveries are found at the next poll.
    ///
    /// - Parameters:
    ///   - publication: The event, from `WebhookService.publication(of:)`.
    ///   - db: The host's connection, inside a write transaction.
    /// - Returns: What became of the event, once the host commits.
    /// - Throws: `DeliveryError` with code `eventConflict`, or `DatabaseError`.
    public func publish(_ publication: EventPublication, in db: Database) throws -> PublishReceipt {
        let now = clock.now
        let envelope = publication.envelope
        if let first = try earlierReceipt(of: publication, db) { return first }
        var entries: [PublishReceipt.Entry] = []
        for registered in try Self.webhooks(of: publication.account, db) {
            let webhook = registered.webhook
            if let reason = webhook.reasonToSkip(envelope.type) {
                entries.append(PublishReceipt.Entry(webhook: webhook.id, result: .skipped(reason)))
                continue
            }
            let delivery = Delivery(
                id: publication.deliveryID(for: webhook.id), event: envelope.id, eventType: envelope.type,
                webhook: webhook.id, account: publication.account, createdAt: now, state: DeliveryState(at: now))
            try delivery.insert(db)
            entries.append(PublishReceipt.Entry(webhook: webhook.id, result: .delivery(delivery.id)))
        }
        let receipt = PublishReceipt(event: envelope.id, isDuplicate: false, entries: entries)
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO taskflow_events (account, id, type, body, published_at, fan_out)
                VALUES (?, ?, ?, ?, ?, ?)
                """)
        try statement.execute(arguments: [
            publication.account.rawValue, envelope.id.rawValue, envelope.type.rawValue, Data(envelope.bytes),
            now.microseconds, receipt.deliveries.count,
        ])
        return receipt
    }

    /// The receipt of the same event, published before; a conflict when its bytes differ.
    private func earlierReceipt(of publication: EventPublication, _ db: Database) throws -> PublishReceipt? {
        let envelope = publication.envelope
        let key: StatementArguments = [publication.account.rawValue, envelope.id.rawValue]
        let stored = try db.cachedStatement(sql: "SELECT body FROM taskflow_events WHERE account = ? AND id = ?")
        guard let row = try Row.fetchOne(stored, arguments: key) else { return nil }
        guard try row.bytes("body") == envelope.bytes else { throw DeliveryError.eventConflict }
        let sql = "SELECT * FROM taskflow_deliveries WHERE account = ? AND event = ? ORDER BY id"
        let entries = try Row.fetchAll(db.cachedStatement(sql: sql), arguments: key).map { row in
            let delivery = try Delivery(row: row)
            return PublishReceipt.Entry(webhook: delivery.webhook, result: .delivery(delivery.id))
        }
        return PublishReceipt(event: envelope.id, isDuplicate: true, entries: entries)
    }
}

extension Row {
    /// The bytes of a blob.
    func bytes(_ column: String) throws -> [UInt8] {
        try withUnsafeData(named: column) { data in data.map { [UInt8]($0) } } ?? []
    }
}
#endif
