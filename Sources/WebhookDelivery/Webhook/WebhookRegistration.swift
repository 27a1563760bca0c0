public import WebhookEvents
public import WebhookLimits
public import WebhookRetries
public import WebhookSigning

/// A request to register a webhook.
public struct WebhookRegistration: Sendable {
    /// The source of the webhook's secret.
    public struct SecretSource: Sendable {
        let secret: WebhookSecret?

        /// Generates a secret, which the service returns once.
        public static func generate() -> SecretSource { SecretSource(secret: nil) }

        /// Uses a secret of the account.
        ///
        /// - Parameter secret: The secret, which the receiver has, too.
        /// - Returns: The source.
        public static func given(_ secret: WebhookSecret) -> SecretSource { SecretSource(secret: secret) }
    }

    /// The URL that receives the events.
    public var url: String
    /// The event types to deliver.
    public var events: [EventPattern]
    /// The source of the secret.
    public var secret: SecretSource
    /// Whether the webhook starts enabled.
    public var isEnabled: Bool
    /// Which header fields requests carry in addition to TaskFlow's.
    public var format: Webhook.Format
    /// Custom header fields for every request.
    public var headers: CustomHeaders
    /// The timeout of one attempt, 1 to 30 s; `nil` for the service's limit.
    public var timeout: Duration?
    /// The schedule of retries.
    public var retryPolicy: RetryPolicy
    /// The order in which events are delivered.
    public var ordering: Webhook.Ordering
    /// The most requests per second, including retries, at least 1; `nil` for no limit except the caps.
    public var requestsPerSecond: Int?
    /// What the owner notes about the webhook.
    public var annotations: Webhook.Annotations
    /// When the webhook expires; `nil` for never.
    public var expiresAt: Timestamp?
    /// Whether the endpoint may end a delivery or stop the webhook with the response header `webhook-delivery`.
    public var allowsSteering: Bool
    /// Whether requests carry the trace context that an event was published with.
    public var sendsTraceContext: Bool

    /// Creates a registration.
    ///
    /// - Parameters:
    ///   - url: The URL that receives the events.
    ///   - events: The event types to deliver.
    ///   - secret: The source of the secret.
    ///   - isEnabled: Whether the webhook starts enabled.
    ///   - format: Which header fields requests carry in addition to TaskFlow's.
    ///   - headers: Custom header fields for every request.
    ///   - timeout: The timeout of one attempt, 1 to 30 s; `nil` for the service's limit.
    ///   - retryPolicy: The schedule of retries.
    ///   - ordering: The order in which events are delivered.
    ///   - requestsPerSecond: The most requests per second, including retries.
    ///   - annotations: What the owner notes about the webhook.
    ///   - expiresAt: When the webhook expires.
    ///   - allowsSteering: Whether the endpoint may end a delivery or stop the webhook.
    ///   - sendsTraceContext: Whether requests carry the trace context that an event was published with.
    public init(
        url: String, events: [EventPattern], secret: SecretSource, isEnabled: Bool = true,
        format: Webhook.Format = .taskFlow, headers: CustomHeaders = .none, timeout: Duration? = nil,
        retryPolicy: RetryPolicy = .standard, ordering: Webhook.Ordering = .none, requestsPerSecond: Int? = nil,
        annotations: Webhook.Annotations = .none, expiresAt: Timestamp? = nil, allowsSteering: Bool = false,
        sendsTraceContext: Bool = false
    ) {
        self.url = url
        self.events = events
        self.secret = secret
        self.isEnabled = isEnabled
        self.format = format
        self.headers = headers
        self.timeout = timeout
        self.retryPolicy = retryPolicy
        self.ordering = ordering
        self.requestsPerSecond = requestsPerSecond
        self.annotations = annotations
        self.expiresAt = expiresAt
        self.allowsSteering = allowsSteering
        self.sendsTraceContext = sendsTraceContext
    }
}

/// A webhook with its secrets, as a store keeps it and as registration returns it once.
public struct RegisteredWebhook: Sendable {
    /// The webhook.
    public var webhook: Webhook
    /// The webhook's secrets.
    public var secrets: SecretRotation

    /// Creates a registered webhook.
    ///
    /// - Parameters:
    ///   - webhook: The webhook.
    ///   - secrets: The webhook's secrets.
    public init(webhook: Webhook, secrets: SecretRotation) {
        self.webhook = webhook
        self.secrets = secrets
    }

    /// The secret that signs `X-TaskFlow-Signature`; show it to the webhook's owner once.
    public var secret: WebhookSecret { secrets.current }

    /// The webhook's identifier.
    public var id: WebhookID { webhook.id }
}
