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

    /// In which order events arrive.
    public enum Ordering: String, Sendable, Hashable, Codable {
        /// In any.
        case none
        /// Those of one resource one after the other, by the event's ordering key; other resources go on meanwhile.
        case resource
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
    /// In which order events arrive.
    public var ordering: Ordering
    /// The most requests a second, retries included; `nil` for no bound but the caps.
    public var requestsPerSecond: Int?
    /// Counts the changes of what is above and of the secrets.
    public var version: Int
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
    /// How its endpoint has been doing lately.
    public var health: WebhookHealth
    /// How soon its endpoint has answered lately.
    public var pace: EndpointPace

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
    ///   - timeout: How long one attempt may take; at most 30 s.
    ///   - retryPolicy: When failed deliveries are tried again.
    ///   - ordering: In which order events arrive.
    ///   - requestsPerSecond: The most requests a second.
    ///   - createdAt: When it was registered.
    public init(
        id: WebhookID, account: AccountID, url: String, events: [EventPattern], state: State = .active,
        format: Format = .taskFlow, headers: CustomHeaders = .none,
        timeout: Duration = WebhookLimits.documented.timeout, retryPolicy: RetryPolicy = .documented,
        ordering: Ordering = .none, requestsPerSecond: Int? = nil, createdAt: Timestamp
    ) {
        self.id = id
        self.account = account
        self.url = url
        self.events = events
        self.state = state
        self.format = format
        self.headers = headers
        self.timeout = min(max(timeout, .zero), WebhookLimits.timeoutRange.upperBound)
        self.retryPolicy = retryPolicy
        self.ordering = ordering
        self.requestsPerSecond = requestsPerSecond
        self.version = 1
        self.createdAt = createdAt
        self.lastTriggered = nil
        self.lastSuccess = nil
        self.succeededDeliveries = 0
        self.finishedDeliveries = 0
        self.quota = DailyQuota()
        self.health = WebhookHealth()
        self.pace = EndpointPace()
    }

    /// Whether events are delivered now.
    public var isEnabled: Bool { state == .active }

    /// How it is doing, for people: its state, and whether an active one fails.
    public enum Condition: String, Sendable, Hashable, CaseIterable {
        /// Events are delivered, and the latest attempt arrived.
        case active
        /// Events are delivered, and since some moment none has arrived.
        case failing
        /// Too many deliveries failed.
        case failed
        /// It is switched off.
        case disabled
    }

    /// How it is doing.
    public var condition: Condition {
        switch state {
        case .active: health.failingSince == nil ? .active : .failing
        case .failed: .failed
        case .disabled: .disabled
        }
    }

    /// Succeeded deliveries as a share of finished ones; 0 before the first, as the product page shows it.
    public var deliverySuccessRate: Double {
        finishedDeliveries == 0 ? 0 : Double(succeededDeliveries) / Double(finishedDeliveries)
    }
}
