public import WebhookEvents

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
    /// Returns a new delivery of the same event to the same webhook.
    ///
    /// - Parameters:
    ///   - id: The new delivery's identifier.
    ///   - trigger: The reason for the new delivery.
    ///   - sequence: The new delivery's position in the store, higher than all earlier ones.
    ///   - now: The store's time.
    /// - Returns: The delivery, due immediately.
    public func redelivery(as id: DeliveryID, _ trigger: Trigger, sequence: Int64, now: Timestamp) -> Delivery {
        Delivery(
            id: id, eventID: eventID, eventType: eventType, webhookID: webhookID, accountID: accountID, createdAt: now,
            sequence: sequence, trigger: trigger, redeliveryOf: self.id, orderingKey: orderingKey, resource: resource,
            state: Delivery.State(now: now))
    }
}
