public import WebhookEvents

/// One event on its way to one webhook.
public struct Delivery: Sendable, Hashable {
    /// What made a delivery.
    public enum Trigger: String, Sendable, Hashable, CaseIterable {
        /// An event was published.
        case event
        /// Somebody tests the endpoint; one attempt, and no effect on the webhook's health.
        case test
        /// Somebody sends one delivery again.
        case manual
        /// A recovery sends many again.
        case recovery
    }

    /// Names the delivery; the same on every attempt.
    public let id: DeliveryID
    /// The event.
    public let event: EventID
    /// The event's type.
    public let eventType: EventType
    /// The webhook.
    public let webhook: WebhookID
    /// The account that both belong to.
    public let account: AccountID
    /// When the delivery was made, by the store's time.
    public let createdAt: Timestamp
    /// Its place among the store's deliveries: later ones have higher numbers.
    public let sequence: Int64
    /// What made it.
    public let trigger: Trigger
    /// What it repeats, when somebody asked for that.
    public let redeliveryOf: DeliveryID?
    /// What must arrive in order, when its webhook asks for that: it waits until the one before it with the same key has
    /// ended.
    public let orderingKey: String?
    /// Where it stands.
    public internal(set) var state: DeliveryState

    /// Creates a delivery, or puts one together from what a store has kept.
    ///
    /// - Parameters:
    ///   - id: Names the delivery.
    ///   - event: The event.
    ///   - eventType: The event's type.
    ///   - webhook: The webhook.
    ///   - account: The account that both belong to.
    ///   - createdAt: When the delivery was made.
    ///   - sequence: Its place among the store's deliveries.
    ///   - trigger: What made it.
    ///   - redeliveryOf: What it repeats.
    ///   - orderingKey: What must arrive in order.
    ///   - state: Where it stands.
    public init(
        id: DeliveryID, event: EventID, eventType: EventType, webhook: WebhookID, account: AccountID,
        createdAt: Timestamp, sequence: Int64, trigger: Trigger = .event, redeliveryOf: DeliveryID? = nil,
        orderingKey: String? = nil, state: DeliveryState
    ) {
        self.id = id
        self.event = event
        self.eventType = eventType
        self.webhook = webhook
        self.account = account
        self.createdAt = createdAt
        self.sequence = sequence
        self.trigger = trigger
        self.redeliveryOf = redeliveryOf
        self.orderingKey = orderingKey
        self.state = state
    }

    /// Whether it was attempted before, or made by a recovery: such deliveries take no slot that is kept for first attempts.
    public var isRetry: Bool { state.attempts > 0 || trigger == .recovery }
}
