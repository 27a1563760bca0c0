public import WebhookEvents

/// The delivery of one event to one webhook.
public struct Delivery: Sendable, Hashable {
    /// The reason why a delivery was created.
    public enum Trigger: String, Sendable, Hashable, CaseIterable {
        /// An event was published.
        case event
        /// The endpoint is tested, with a single attempt and no effect on the webhook's health.
        case test
        /// A single delivery is sent again.
        case manual
        /// A replay sends many deliveries again.
        case replay
    }

    /// The delivery's identifier, the same for every attempt.
    public let id: DeliveryID
    /// The event.
    public let eventID: EventID
    /// The event's type.
    public let eventType: EventType
    /// The webhook.
    public let webhookID: WebhookID
    /// The account that owns the event and the webhook.
    public let accountID: AccountID
    /// When the delivery was created, by the store's clock.
    public let createdAt: Timestamp
    /// The delivery's position in the store; later deliveries have higher numbers.
    public let sequence: Int64
    /// The reason why the delivery was created.
    public let trigger: Trigger
    /// The delivery that this one repeats; `nil` unless it is a redelivery.
    public let redeliveryOf: DeliveryID?
    /// The ordering key, if the webhook is ordered; the delivery waits until the previous one with the same key has
    /// ended.
    public let orderingKey: String?
    /// The event's ordering key, whether or not the webhook is ordered: usually the task that the event is about.
    public let resource: String?
    /// The current state.
    public internal(set) var state: Delivery.State

    /// Creates a delivery, or restores one from a store.
    ///
    /// - Parameters:
    ///   - id: The delivery's identifier.
    ///   - eventID: The event.
    ///   - eventType: The event's type.
    ///   - webhookID: The webhook.
    ///   - accountID: The account that owns the event and the webhook.
    ///   - createdAt: When the delivery was created.
    ///   - sequence: The delivery's position in the store.
    ///   - trigger: The reason why the delivery was created.
    ///   - redeliveryOf: The delivery that this one repeats.
    ///   - orderingKey: The ordering key.
    ///   - resource: The event's ordering key, whether or not the webhook is ordered.
    ///   - state: The current state.
    public init(
        id: DeliveryID, eventID: EventID, eventType: EventType, webhookID: WebhookID, accountID: AccountID,
        createdAt: Timestamp, sequence: Int64, trigger: Trigger = .event, redeliveryOf: DeliveryID? = nil,
        orderingKey: String? = nil, resource: String? = nil, state: Delivery.State
    ) {
        self.id = id
        self.eventID = eventID
        self.eventType = eventType
        self.webhookID = webhookID
        self.accountID = accountID
        self.createdAt = createdAt
        self.sequence = sequence
        self.trigger = trigger
        self.redeliveryOf = redeliveryOf
        self.orderingKey = orderingKey
        self.resource = resource
        self.state = state
    }

    /// Whether the delivery was attempted before or belongs to a replay, which excludes it from first-attempt slots.
    public var isRetry: Bool { state.attempts > 0 || trigger == .replay }
}
