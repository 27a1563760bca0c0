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
    ///   - trace: The trace that the event belongs to.
    /// - Returns: The receipt, once the event is durable.
    /// - Throws: `LimitError` if the body is too large; ``DeliveryError`` with code
    ///   ``DeliveryError/Code/eventConflict``; errors of the store.
    @discardableResult
    public func publish(
        _ payload: some EventPayload, account: AccountID, triggeredBy: String? = nil, id: EventID? = nil,
        timestamp: Timestamp? = nil, trace: EventPublication.TraceContext? = nil
    ) async throws -> PublishReceipt {
        let metadata = EventMetadata(accountID: account, triggeredBy: triggeredBy, orderingKey: payload.orderingKey)
        return try await publish(
            Envelope(payload.event, id: id ?? newEventID(), timestamp: timestamp ?? clock.now, metadata: metadata),
            trace: trace)
    }

    /// Publishes the events of one change, such as those of `TaskFlowEvent.changes(before:after:at:)`.
    ///
    /// The events have the same request identifier, and increasing sequences in the given order. All are encoded and checked
    /// before the first one is published.
    ///
    /// - Parameters:
    ///   - events: The events, in order.
    ///   - account: The account that owns the events.
    ///   - triggeredBy: The user who caused the events; `nil` for automations.
    ///   - requestID: The identifier of the request that caused the events; a new one by default.
    ///   - sequence: The sequence of the first event. It must be higher than all earlier ones of the task, in the host's
    ///     count, since receivers drop events with lower sequences. Without it, the events have no sequences.
    ///   - id: The identifier of the first event; a new one by default. The others get the suffixes `_2`, `_3` and so on. To
    ///     make retries safe, pass it together with the request identifier, the sequence and the timestamp.
    ///   - timestamp: When the change happened; now by default.
    ///   - trace: The trace that the events belong to.
    /// - Returns: The receipts in the order of the events, once all are durable.
    /// - Throws: The errors of ``publish(_:account:triggeredBy:id:timestamp:trace:)``; `PayloadError` if an identifier with its
    ///   suffix is too long. After an error of the store, the events before the failed one are published.
    @discardableResult
    public func publish(
        _ events: [TaskFlowEvent], account: AccountID, triggeredBy: String? = nil, requestID: String? = nil,
        sequence: Int? = nil, id: EventID? = nil, timestamp: Timestamp? = nil,
        trace: EventPublication.TraceContext? = nil
    ) async throws -> [PublishReceipt] {
        let (timestamp, id) = (timestamp ?? clock.now, id ?? newEventID())
        let requestID = requestID ?? EventID(prefix: "req_", now: clock.now, entropy: entropy()).rawValue
        let publications = try events.enumerated().map { index, event in
            let metadata = EventMetadata(
                accountID: account, triggeredBy: triggeredBy, orderingKey: event.orderingKey,
                sequence: sequence.map { $0.addingReportingOverflow(index).partialValue }, requestID: requestID)
            let envelope = try Envelope(event, id: id.numbered(index + 1), timestamp: timestamp, metadata: metadata)
            try limits.checkBody(bytes: envelope.bytes.count)
            return envelope
        }
        var receipts: [PublishReceipt] = []
        for envelope in publications { receipts.append(try await publish(envelope, trace: trace)) }
        return receipts
    }

    /// Publishes an envelope; its bytes are sent unchanged.
    ///
    /// - Parameters:
    ///   - envelope: The event; publishing the same bytes again changes nothing.
    ///   - trace: The trace that the event belongs to.
    /// - Returns: The receipt, once the event is durable.
    /// - Throws: The errors of ``publish(_:account:triggeredBy:id:timestamp:trace:)``.
    @discardableResult
    public func publish(
        _ envelope: Envelope, trace: EventPublication.TraceContext? = nil
    ) async throws -> PublishReceipt {
        let receipt = try await store.publish(publication(of: envelope, trace: trace))
        dispatcher.wake()
        dispatcher.observation.report(.published(receipt, type: envelope.type))
        return receipt
    }

    /// Prepares an event for a store that publishes in the host's transaction; call ``wake()`` after its commit.
    ///
    /// - Parameters:
    ///   - envelope: The event.
    ///   - trace: The trace that the event belongs to.
    /// - Returns: The publication to pass to the store.
    /// - Throws: `LimitError` if the body is too large.
    public func publication(
        of envelope: Envelope, trace: EventPublication.TraceContext? = nil
    ) throws(LimitError) -> EventPublication {
        try limits.checkBody(bytes: envelope.bytes.count)
        return EventPublication(envelope, publishedAt: clock.now, seed: random.next(), limits: limits, trace: trace)
    }

    /// Generates an event identifier.
    public func newEventID() -> EventID { EventID(prefix: "evt_", now: clock.now, entropy: entropy()) }
}

extension EventID {
    /// The identifier of an event of a change; the first one has no suffix.
    fileprivate func numbered(_ number: Int) throws(PayloadError) -> EventID {
        guard number > 1 else { return self }
        guard let id = EventID("\(rawValue)_\(number)") else {
            throw PayloadError(
                .invalidField, "The event identifier with the suffix _\(number) is too long",
                hint: "Pass a shorter `id`.", pointer: "/id")
        }
        return id
    }
}
