public import WebhookEvents
internal import WebhookPayload

/// What asking for a redelivery came to.
public enum Redelivery: Sendable, Hashable {
    /// This new delivery will be sent.
    case made(Delivery)
    /// The delivery is not over: it is sent anyway.
    case open(Delivery)
    /// The account has no such delivery, or its webhook is gone, or it was a test: that is made anew.
    case unknown
}

/// What leasing a test came to.
public enum TestLease: Sendable {
    /// The caller has it now.
    case leased(ClaimedDelivery)
    /// The webhook's day is used up.
    case usedUp(until: Timestamp)
    /// As many requests are in flight as may be, or the webhook's rate allows none now.
    case busy(until: Timestamp)
    /// The account has no such webhook.
    case unknown
}

/// An event as a store knows it, without its bytes.
public struct StoredEvent: Sendable, Hashable {
    /// Names the event.
    public let id: EventID
    /// What kind of event it is.
    public let type: EventType
    /// When it was published, by the store's time.
    public let publishedAt: Timestamp
    /// What became of it when it was published.
    public let receipt: PublishReceipt

    /// Creates a record.
    ///
    /// - Parameters:
    ///   - id: Names the event.
    ///   - type: What kind of event it is.
    ///   - publishedAt: When it was published.
    ///   - receipt: What became of it when it was published.
    public init(id: EventID, type: EventType, publishedAt: Timestamp, receipt: PublishReceipt) {
        self.id = id
        self.type = type
        self.publishedAt = publishedAt
        self.receipt = receipt
    }
}

extension Delivery {
    /// A new delivery of the same event to the same webhook.
    ///
    /// - Parameters:
    ///   - id: Names the new delivery.
    ///   - trigger: What makes it.
    ///   - sequence: Its number, higher than those of all before it.
    ///   - now: The store's time.
    /// - Returns: The delivery, due at once.
    public func redelivery(as id: DeliveryID, _ trigger: Trigger, sequence: Int64, at now: Timestamp) -> Delivery {
        Delivery(
            id: id, event: event, eventType: eventType, webhook: webhook, account: account, createdAt: now,
            sequence: sequence, trigger: trigger, redeliveryOf: self.id, orderingKey: orderingKey,
            state: DeliveryState(at: now))
    }
}

extension EventPublication {
    /// The delivery of a test event: to one webhook, whatever it subscribes to, and outside every order.
    ///
    /// - Parameters:
    ///   - webhook: The webhook.
    ///   - sequence: Its number, higher than those of all before it.
    ///   - now: The store's time.
    /// - Returns: The delivery, due at once.
    public func testDelivery(to webhook: Webhook, sequence: Int64, at now: Timestamp) -> Delivery {
        Delivery(
            id: deliveryID(for: webhook.id), event: envelope.id, eventType: envelope.type, webhook: webhook.id,
            account: account, createdAt: now, sequence: sequence, trigger: .test, state: DeliveryState(at: now))
    }
}
