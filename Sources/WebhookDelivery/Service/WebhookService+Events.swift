public import WebhookEvents
public import WebhookLimits
public import WebhookPayload

extension WebhookService {
    /// Publishes an event: it is kept, and delivered at least once to every webhook of the account that wants it.
    ///
    /// - Parameters:
    ///   - payload: What happened.
    ///   - account: The account it belongs to.
    ///   - triggeredBy: Who caused it; `nil` for automations.
    ///   - id: Names the event; a new one is made without it. To make repeating safe, give it together with `timestamp`:
    ///     the same id must carry the same bytes.
    ///   - timestamp: When it happened; now without it.
    /// - Returns: What became of it, once it is durable.
    /// - Throws: `LimitError` for a body that is too large; ``DeliveryError`` with code
    ///   ``DeliveryError/Code/eventConflict``; what the store throws.
    @discardableResult
    public func publish(
        _ payload: some EventPayload, account: AccountID, triggeredBy: String? = nil, id: EventID? = nil,
        timestamp: Timestamp? = nil
    ) async throws -> PublishReceipt {
        let metadata = EventMetadata(accountID: account, triggeredBy: triggeredBy, orderingKey: payload.orderingKey)
        return try await publish(
            Envelope(payload.event, id: id ?? newEventID(), timestamp: timestamp ?? clock.now, metadata: metadata))
    }

    /// Publishes an event that is an envelope already; its bytes are sent as they are.
    ///
    /// - Parameter envelope: The event. Repeating one with the same bytes changes nothing.
    /// - Returns: What became of it, once it is durable.
    /// - Throws: As the other `publish`.
    @discardableResult
    public func publish(_ envelope: Envelope) async throws -> PublishReceipt {
        let receipt = try await store.publish(publication(of: envelope))
        dispatcher.wake()
        dispatcher.observation.report(.published(receipt, type: envelope.type))
        return receipt
    }

    /// Prepares an event for a store that can publish inside the host's own transaction; call ``wake()`` after its commit.
    ///
    /// - Parameter envelope: The event.
    /// - Returns: What the store takes.
    /// - Throws: `LimitError` for a body that is too large.
    public func publication(of envelope: Envelope) throws(LimitError) -> EventPublication {
        try limits.checkBody(bytes: envelope.bytes.count)
        return EventPublication(envelope, publishedAt: clock.now, seed: random.next(), limits: limits)
    }

    /// Makes a name for a new event.
    public func newEventID() -> EventID { EventID(prefix: "evt_", at: clock.now, entropy: entropy()) }
}
