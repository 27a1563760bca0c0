public import WebhookEvents
public import WebhookLimits
public import WebhookRetries

/// A registered endpoint: the URL that receives an account's events, the event types, and the endpoint's health.
///
/// The secret is kept separately, so that a webhook can be shown, logged and encoded.
public struct Webhook: Sendable, Hashable {
    /// Whether events are delivered.
    public enum Status: String, Sendable, Hashable, Codable {
        /// Events are delivered.
        case active
        /// The webhook was disabled, or its endpoint answered 410; the backlog is kept, but does not grow.
        case disabled
        /// Too many deliveries failed; the backlog is kept, and new events add to it.
        case failed
    }

    /// Why a webhook is not active.
    public enum StatusReason: String, Sendable, Hashable, CaseIterable {
        /// Its owner disabled it, or registered it disabled.
        case owner
        /// Its endpoint answered 410.
        case gone
        /// Its endpoint asked for it: see ``Webhook/allowsSteering``.
        case endpoint
        /// Too many deliveries failed.
        case failures
    }

    /// Which header fields requests carry in addition to TaskFlow's; the body is always the same.
    public enum Format: String, Sendable, Hashable, Codable {
        /// No additional fields.
        case taskFlow = "taskflow"
        /// The fields of a CloudEvent in binary mode.
        case cloudEvents = "cloudevents"
    }

    /// The order in which events are delivered.
    public enum Ordering: String, Sendable, Hashable, Codable {
        /// No particular order.
        case none
        /// Events with the same ordering key are delivered one after the other; others do not wait for them.
        case resource
    }

    /// The webhook's identifier.
    public let id: WebhookID
    /// The account that owns the webhook.
    public let accountID: AccountID
    /// The URL that receives the events.
    public var url: String
    /// The event types to deliver.
    public var events: [EventPattern]
    /// Whether events are delivered, until ``expiresAt``.
    public internal(set) var status: Status
    /// Why the webhook is not active; `nil` while it is active.
    public internal(set) var statusReason: StatusReason?
    /// Since when the webhook has its status.
    public internal(set) var statusSince: Timestamp
    /// Which header fields requests carry in addition to TaskFlow's.
    public var format: Format
    /// Custom header fields for every request.
    public var headers: CustomHeaders
    /// The timeout of one attempt.
    public var timeout: Duration
    /// The schedule of retries.
    public var retryPolicy: RetryPolicy
    /// The order in which events are delivered.
    public var ordering: Ordering
    /// The most requests per second, including retries; `nil` for no limit except the caps.
    public var requestsPerSecond: Int?
    /// What the owner notes about the webhook.
    public var annotations: Annotations
    /// When the webhook expires: from then on it gets neither events nor requests; `nil` for never.
    public var expiresAt: Timestamp?
    /// Whether the endpoint may end a delivery or stop the webhook with the response header `webhook-delivery`.
    public var allowsSteering: Bool
    /// Whether requests carry the trace context that an event was published with.
    public var sendsTraceContext: Bool
    /// The number of changes to the settings above and to the secrets, plus one.
    public var version: Int
    /// When the webhook was registered.
    public let createdAt: Timestamp
    /// When the settings, the status or the secrets last changed.
    public var updatedAt: Timestamp
    /// When the latest attempt started.
    public var lastTriggered: Timestamp?
    /// When the endpoint last accepted an event.
    public var lastSuccess: Timestamp?
    /// How many deliveries succeeded.
    public var succeededDeliveries: Int
    /// How many deliveries ended, successfully or not.
    public var finishedDeliveries: Int
    /// The use of the daily quota.
    public var quota: DailyQuota
    /// The recent health of the endpoint.
    public var health: Webhook.Health
    /// How quickly the endpoint has responded recently.
    public var pace: Webhook.EndpointPace

    /// Creates a webhook without deliveries.
    ///
    /// - Parameters:
    ///   - id: The webhook's identifier.
    ///   - accountID: The account that owns the webhook.
    ///   - url: The URL that receives the events.
    ///   - events: The event types to deliver.
    ///   - status: Whether events are delivered.
    ///   - format: Which header fields requests carry in addition to TaskFlow's.
    ///   - headers: Custom header fields for every request.
    ///   - timeout: The timeout of one attempt; at most 30 s.
    ///   - retryPolicy: The schedule of retries.
    ///   - ordering: The order in which events are delivered.
    ///   - requestsPerSecond: The most requests per second, including retries.
    ///   - annotations: What the owner notes about the webhook.
    ///   - expiresAt: When the webhook expires.
    ///   - allowsSteering: Whether the endpoint may end a delivery or stop the webhook.
    ///   - sendsTraceContext: Whether requests carry the trace context that an event was published with.
    ///   - createdAt: When the webhook was registered.
    public init(
        id: WebhookID, accountID: AccountID, url: String, events: [EventPattern], status: Status = .active,
        format: Format = .taskFlow, headers: CustomHeaders = .none,
        timeout: Duration = ServiceLimits.standard.timeout, retryPolicy: RetryPolicy = .standard,
        ordering: Ordering = .none, requestsPerSecond: Int? = nil, annotations: Annotations = .none,
        expiresAt: Timestamp? = nil, allowsSteering: Bool = false, sendsTraceContext: Bool = false, createdAt: Timestamp
    ) {
        self.id = id
        self.accountID = accountID
        self.url = url
        self.events = events
        self.status = status
        self.statusReason = status == .active ? nil : status == .failed ? .failures : .owner
        self.statusSince = createdAt
        self.format = format
        self.headers = headers
        self.timeout = min(max(timeout, .zero), ServiceLimits.timeoutRange.upperBound)
        self.retryPolicy = retryPolicy
        self.ordering = ordering
        self.requestsPerSecond = requestsPerSecond
        self.annotations = annotations
        self.expiresAt = expiresAt
        self.allowsSteering = allowsSteering
        self.sendsTraceContext = sendsTraceContext
        self.version = 1
        self.createdAt = createdAt
        self.updatedAt = createdAt
        self.lastTriggered = nil
        self.lastSuccess = nil
        self.succeededDeliveries = 0
        self.finishedDeliveries = 0
        self.quota = DailyQuota()
        self.health = Webhook.Health()
        self.pace = Webhook.EndpointPace()
    }

    /// Whether events are delivered.
    public var isEnabled: Bool { status == .active }

    /// The condition of a webhook in user-facing terms: its state, and whether attempts of an active webhook fail.
    public enum Condition: String, Sendable, Hashable, CaseIterable {
        /// Events are delivered, and the latest attempt succeeded.
        case active
        /// Events are sent, but all recent attempts have failed.
        case failing
        /// Too many deliveries failed.
        case failed
        /// The webhook is disabled.
        case disabled
    }

    /// The condition in user-facing terms.
    public var condition: Condition {
        switch status {
        case .active: health.failingSince == nil ? .active : .failing
        case .failed: .failed
        case .disabled: .disabled
        }
    }

    /// The share of finished deliveries that succeeded; 0 before the first, as on the product page.
    public var deliverySuccessRate: Double {
        finishedDeliveries == 0 ? 0 : Double(succeededDeliveries) / Double(finishedDeliveries)
    }
}
