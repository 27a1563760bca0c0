public import WebhookEvents
internal import WebhookPayload

extension Delivery {
    /// The result of a redelivery.
    public enum RedeliveryResult: Sendable, Hashable {
        /// The new delivery.
        case made(Delivery)
        /// The open delivery; it has not ended, so it is sent anyway.
        case open(Delivery)
        /// The account has no such delivery, its webhook was deleted, or it was a test, which must be run again instead.
        case unknown
    }
}

extension Delivery {
    /// The result of leasing a test delivery.
    public enum TestLeaseResult: Sendable {
        /// The leased delivery.
        case leased(ClaimedDelivery)
        /// The webhook's daily quota is exhausted.
        case usedUp(until: Timestamp)
        /// Too many requests are in flight, or the webhook's rate allows none now.
        case busy(until: Timestamp)
        /// The account has no such webhook.
        case unknown
    }
}

/// A stored event, without its bytes.
public struct StoredEvent: Sendable, Hashable {
    /// The event's identifier.
    public let id: EventID
    /// The event's type.
    public let type: EventType
    /// When the event was published, by the store's clock.
    public let publishedAt: Timestamp
    /// The receipt of the publish.
    public let receipt: PublishReceipt

    /// Creates a stored event.
    ///
    /// - Parameters:
    ///   - id: The event's identifier.
    ///   - type: The event's type.
    ///   - publishedAt: When the event was published.
    ///   - receipt: The receipt of the publish.
    public init(id: EventID, type: EventType, publishedAt: Timestamp, receipt: PublishReceipt) {
        self.id = id
        self.type = type
        self.publishedAt = publishedAt
        self.receipt = receipt
    }
}

extension Delivery {
    /// Returns a new delivery of the same event to the same webhook.
    ///
    /// - Parameters:
    ///   - id: The new delivery's identifier.
    ///   - trigger: The reason for the new delivery.
    ///   - sequence: The new delivery's position in the store, higher than all earlier ones.
    ///   - now: The store's time.
    /// - Returns: The delivery, due immediately.
    public func redelivery(as id: DeliveryID, _ trigger: Trigger, sequence: Int64, at now: Timestamp) -> Delivery {
        Delivery(
            id: id, event: event, eventType: eventType, webhook: webhook, account: account, createdAt: now,
            sequence: sequence, trigger: trigger, redeliveryOf: self.id, orderingKey: orderingKey,
            state: Delivery.State(at: now))
    }
}

extension EventPublication {
    /// Returns the delivery of a test event, regardless of the webhook's event types and without an ordering key.
    ///
    /// - Parameters:
    ///   - webhook: The webhook.
    ///   - sequence: The delivery's position in the store, higher than all earlier ones.
    ///   - now: The store's time.
    /// - Returns: The delivery, due immediately.
    public func testDelivery(to webhook: Webhook, sequence: Int64, at now: Timestamp) -> Delivery {
        Delivery(
            id: deliveryID(for: webhook.id), event: envelope.id, eventType: envelope.type, webhook: webhook.id,
            account: account, createdAt: now, sequence: sequence, trigger: .test, state: Delivery.State(at: now))
    }
}
