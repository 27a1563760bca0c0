public import WebhookEvents
public import WebhookLimits
public import WebhookPayload

extension WebhookService {
    /// Stores an event, and delivers it at least once to each webhook of the account that subscribes to it.
    ///
    /// - Parameters:
    ///   - payload: The payload.
    ///   - account: The account that owns the event.
    ///   - triggeredBy: The user who caused the event; `nil` for automations.
    ///   - id: The event's identifier; a new one by default. To make retries safe, pass it together with `timestamp`:
    ///     the same identifier requires the same bytes.
    ///   - timestamp: When the event happened; now by default.
    /// - Returns: The receipt, once the event is durable.
    /// - Throws: `LimitError` if the body is too large; ``DeliveryError`` with code
    ///   ``DeliveryError/Code/eventConflict``; errors of the store.
    @discardableResult
    public func publish(
        _ payload: some EventPayload, account: AccountID, triggeredBy: String? = nil, id: EventID? = nil,
        timestamp: Timestamp? = nil
    ) async throws -> PublishReceipt {
        let metadata = EventMetadata(accountID: account, triggeredBy: triggeredBy, orderingKey: payload.orderingKey)
        return try await publish(
            Envelope(payload.event, id: id ?? newEventID(), timestamp: timestamp ?? clock.now, metadata: metadata))
    }

    /// Publishes an envelope; its bytes are sent unchanged.
    ///
    /// - Parameter envelope: The event; publishing the same bytes again changes nothing.
    /// - Returns: The receipt, once the event is durable.
    /// - Throws: The errors of ``publish(_:account:triggeredBy:id:timestamp:)``.
    @discardableResult
    public func publish(_ envelope: Envelope) async throws -> PublishReceipt {
        let receipt = try await store.publish(publication(of: envelope))
        dispatcher.wake()
        dispatcher.observation.report(.published(receipt, type: envelope.type))
        return receipt
    }

    /// Prepares an event for a store that publishes in the host's transaction; call ``wake()`` after its commit.
    ///
    /// - Parameter envelope: The event.
    /// - Returns: The publication to pass to the store.
    /// - Throws: `LimitError` if the body is too large.
    public func publication(of envelope: Envelope) throws(LimitError) -> EventPublication {
        try limits.checkBody(bytes: envelope.bytes.count)
        return EventPublication(envelope, publishedAt: clock.now, seed: random.next(), limits: limits)
    }

    /// Generates an event identifier.
    public func newEventID() -> EventID { EventID(prefix: "evt_", now: clock.now, entropy: entropy()) }
}
