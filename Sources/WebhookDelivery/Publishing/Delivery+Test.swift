public import WebhookEvents
internal import WebhookPayload

extension Delivery {
    /// The result of leasing a test delivery.
    public enum TestLeaseResult: Sendable {
        /// The leased delivery.
        case leased(ClaimedDelivery)
        /// The webhook's daily quota is exhausted.
        case quotaExhausted(until: Timestamp)
        /// Too many requests are in flight, or the webhook's rate allows none now.
        case busy(until: Timestamp)
        /// The account has no such webhook.
        case unknown
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
    public func testDelivery(to webhook: Webhook, sequence: Int64, now: Timestamp) -> Delivery {
        Delivery(
            id: deliveryID(for: webhook.id), eventID: envelope.id, eventType: envelope.type, webhookID: webhook.id,
            accountID: accountID, createdAt: now, sequence: sequence, trigger: .test,
            resource: envelope.metadata.orderingKey,
            state: Delivery.State(now: now))
    }
}
