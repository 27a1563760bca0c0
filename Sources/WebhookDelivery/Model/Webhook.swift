public import WebhookEvents
public import WebhookLimits
public import WebhookRetries

/// One registered endpoint: where an account's events go, which ones, and how it has been doing.
///
/// Its secret is kept apart, so that a webhook can be shown, logged and encoded.
public struct Webhook: Sendable, Hashable {
    /// Whether events go out.
    public enum State: String, Sendable, Hashable, Codable {
        /// Events are delivered.
        case active
        /// Its owner switched it off, or the endpoint answered 410. New events make no deliveries; waiting ones are kept.
        case disabled
        /// Too many deliveries failed. Waiting deliveries are kept, and new events add to them.
        case failed
    }

    /// Which header fields requests carry beside TaskFlow's own; the body is always the same.
    public enum Format: String, Sendable, Hashable, Codable {
        /// TaskFlow's own only.
        case taskFlow = "taskflow"
        /// Those of a CloudEvent in binary mode as well.
        case cloudEvents = "cloudevents"
    }

    /// Names the webhook.
    public let id: WebhookID
    /// The account it belongs to.
    public let account: AccountID
    /// Where events go.
    public var url: String
    /// Which events go there.
    public var events: [EventPattern]
    /// Whether events go out.
    public var state: State
    /// Which header fields requests carry beside TaskFlow's own.
    public var format: Format
    /// Header fields of its owner's own.
    public var headers: CustomHeaders
    /// How long one attempt may take.
    public var timeout: Duration
    /// When failed deliveries are tried again.
    public var retryPolicy: RetryPolicy
    /// When it was registered.
    public let createdAt: Timestamp
    /// When its latest attempt started.
    public var lastTriggered: Timestamp?
    /// When it last accepted an event.
    public var lastSuccess: Timestamp?
    /// How many deliveries succeeded.
    public var succeededDeliveries: Int
    /// How many deliveries ended, well or badly.
    public var finishedDeliveries: Int
    /// How much of its day is used.
    public var quota: DailyQuota

    /// Creates a webhook that has not delivered anything yet.
    ///
    /// - Parameters:
    ///   - id: Names the webhook.
    ///   - account: The account it belongs to.
    ///   - url: Where events go.
    ///   - events: Which events go there.
    ///   - state: Whether events go out.
    ///   - format: Which header fields requests carry beside TaskFlow's own.
    ///   - headers: Header fields of its owner's own.
    ///   - timeout: How long one attempt may take.
    ///   - retryPolicy: When failed deliveries are tried again.
    ///   - createdAt: When it was registered.
    public init(
        id: WebhookID, account: AccountID, url: String, events: [EventPattern], state: State = .active,
        format: Format = .taskFlow, headers: CustomHeaders = .none,
        timeout: Duration = WebhookLimits.documented.timeout, retryPolicy: RetryPolicy = .documented,
        createdAt: Timestamp
    ) {
        self.id = id
        self.account = account
        self.url = url
        self.events = events
        self.state = state
        self.format = format
        self.headers = headers
        self.timeout = timeout
        self.retryPolicy = retryPolicy
        self.createdAt = createdAt
        self.lastTriggered = nil
        self.lastSuccess = nil
        self.succeededDeliveries = 0
        self.finishedDeliveries = 0
        self.quota = DailyQuota()
    }

    /// Whether events are delivered now.
    public var isEnabled: Bool { state == .active }

    /// Succeeded deliveries as a share of finished ones; 0 before the first, as the product page shows it.
    public var deliverySuccessRate: Double {
        finishedDeliveries == 0 ? 0 : Double(succeededDeliveries) / Double(finishedDeliveries)
    }

    /// Why a new event makes no delivery to this webhook, or `nil` when it makes one.
    ///
    /// - Parameter type: The type of the event.
    /// - Returns: The reason, or `nil`.
    public func reasonToSkip(_ type: EventType) -> SkipReason? {
        if state == .disabled { return .disabled }
        return events.contains { $0.matches(type) } ? nil : .notSubscribed
    }
}

/// Why an event made no delivery to a webhook.
public enum SkipReason: String, Sendable, Hashable {
    /// The webhook does not subscribe to events of this type.
    case notSubscribed = "not_subscribed"
    /// The webhook is disabled.
    case disabled
}
