#if SQLite
internal import Foundation
public import GRDB
public import WebhookDelivery
internal import WebhookEvents
internal import WebhookPayload
internal import WebhookStoreKit

extension SQLiteStore {
    /// Stores an event and its deliveries in a separate transaction.
    public func publish(_ publication: EventPublication) async throws -> PublishReceipt {
        try await write(of: publication.accountID, bytes: publication.envelope.bytes.count) { db in
            try self.publish(publication, in: db)
        }
    }

    /// Stores an event and its deliveries inside the host's own transaction: they are committed together, or not at
    /// all.
    ///
    /// Call `WebhookService.wake()` after the commit; otherwise a worker finds the deliveries at its next poll.
    ///
    /// - Parameters:
    ///   - publication: The event, from `WebhookService.publication(of:)`.
    ///   - db: The host's connection, inside a write transaction.
    /// - Returns: The receipt, valid once the host commits.
    /// - Throws: `DeliveryError` with code `eventConflict`, or `DatabaseError`.
    public func publish(_ publication: EventPublication, in db: Database) throws -> PublishReceipt {
        let now = clock.now
        let envelope = publication.envelope
        if let first = try earlierReceipt(of: publication, db) { return first }
        var sequence = try Self.lastSequence(db)
        let entries = try subscriptions(of: publication.accountID, db).map { subscription, open in
            let result = publication.fanOut(to: subscription, open: open, sequence: sequence + 1, now: now)
            if case .delivery(let delivery) = result {
                sequence += 1
                try delivery.insert(db)
            }
            return result.entry(for: subscription.webhook)
        }
        let receipt = PublishReceipt(eventID: envelope.id, isDuplicate: false, entries: entries)
        try Self.insert(publication, receipt, now: now, db)
        if !receipt.deliveryIDs.isEmpty { try AccountQueue.wake(publication.accountID, at: now, db) }
        return receipt
    }

    /// Returns an account's webhooks for publishing, with their numbers of open deliveries, oldest first.
    private func subscriptions(
        of account: AccountID, _ db: Database
    ) throws -> [(webhook: EventPublication.Subscription, open: Int)] {
        var found: [(webhook: EventPublication.Subscription, open: Int)] = []
        try db.each(
            """
            SELECT id, state, expires_at, events, ordering, open FROM taskflow_webhooks WHERE account = ? ORDER BY created_at, id
            """, account.rawValue
        ) { columns in
            let subscription = EventPublication.Subscription(
                webhook: WebhookID(unchecked: columns.text()),
                isDisabled: columns.text() == Webhook.Status.disabled.rawValue, expiresAt: columns.optionalTime(),
                events: [EventPattern](stored: columns.text()),
                isOrdered: columns.text() == Webhook.Ordering.resource.rawValue)
            found.append((subscription, columns.int()))
        }
        return found
    }

    /// Returns the sequence number of the latest delivery.
    static func lastSequence(_ db: Database) throws -> Int64 {
        // A number far beyond all others is corrupt, and new numbers must not continue from it.
        try db.first(
            "SELECT COALESCE(MAX(sequence), 0) FROM taskflow_deliveries WHERE sequence < 1 << 60",
            reading: { $0.integer() }
        ) ?? 0
    }

    /// Stores an event.
    static func insert(
        _ publication: EventPublication, _ receipt: PublishReceipt, now: Timestamp, _ db: Database
    ) throws {
        let envelope = publication.envelope
        try db.run(
            """
            INSERT INTO taskflow_events (account, id, type, body, published_at, fan_out, receipt, trace_context)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """, envelope.metadata.accountID.rawValue, envelope.id.rawValue, envelope.type.rawValue, envelope.bytes,
            now.microseconds, receipt.deliveryIDs.count, receipt.storedEntries,
            publication.trace?.stored)
    }

    /// Returns the receipt of an earlier publish of the same event; throws a conflict when its bytes differ.
    private func earlierReceipt(of publication: EventPublication, _ db: Database) throws -> PublishReceipt? {
        let envelope = publication.envelope
        let row = try db.first(
            "SELECT body, receipt FROM taskflow_events WHERE account = ? AND id = ?", publication.accountID.rawValue,
            envelope.id.rawValue
        ) { ($0.bytes(), $0.bytes()) }
        guard let (body, entries) = row else { return nil }
        guard body == envelope.bytes else { throw DeliveryError.eventConflict }
        guard let receipt = PublishReceipt(duplicateOf: envelope.id, storedEntries: entries) else {
            throw UnreadableRow(table: "taskflow_events", id: envelope.id.rawValue)
        }
        return receipt
    }
}
#endif
