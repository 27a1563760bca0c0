public import WebhookEvents
public import WebhookLimits
public import WebhookRetries
public import WebhookSigning

/// What somebody asks for when registering a webhook.
public struct WebhookRegistration: Sendable {
    /// Where the secret comes from.
    public struct SecretSource: Sendable {
        let secret: WebhookSecret?

        /// The service makes one from its random source, and gives it back once.
        public static func generate() -> SecretSource { SecretSource(secret: nil) }

        /// The account's own.
        ///
        /// - Parameter secret: The secret that the receiver has, too.
        /// - Returns: The source.
        public static func given(_ secret: WebhookSecret) -> SecretSource { SecretSource(secret: secret) }
    }

    /// Where events go.
    public var url: String
    /// Which events go there.
    public var events: [EventPattern]
    /// Where the secret comes from.
    public var secret: SecretSource
    /// Whether events go out at once.
    public var isEnabled: Bool
    /// Which header fields requests carry beside TaskFlow's own.
    public var format: Webhook.Format
    /// Header fields of the owner's own in every request.
    public var headers: CustomHeaders
    /// How long one attempt may take, 1 to 30 s; `nil` for the service's limit.
    public var timeout: Duration?
    /// When failed deliveries are tried again.
    public var retryPolicy: RetryPolicy
    /// In which order events arrive.
    public var ordering: Webhook.Ordering
    /// The most requests a second, retries included, at least 1; `nil` for no bound but the caps.
    public var requestsPerSecond: Int?

    /// Creates a registration.
    ///
    /// - Parameters:
    ///   - url: Where events go.
    ///   - events: Which events go there.
    ///   - secret: Where the secret comes from.
    ///   - isEnabled: Whether events go out at once.
    ///   - format: Which header fields requests carry beside TaskFlow's own.
    ///   - headers: Header fields of the owner's own in every request.
    ///   - timeout: How long one attempt may take, 1 to 30 s; `nil` for the service's limit.
    ///   - retryPolicy: When failed deliveries are tried again.
    ///   - ordering: In which order events arrive.
    ///   - requestsPerSecond: The most requests a second, retries included.
    public init(
        url: String, events: [EventPattern], secret: SecretSource, isEnabled: Bool = true,
        format: Webhook.Format = .taskFlow, headers: CustomHeaders = .none, timeout: Duration? = nil,
        retryPolicy: RetryPolicy = .documented, ordering: Webhook.Ordering = .none, requestsPerSecond: Int? = nil
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
    }
}

/// A webhook together with its secrets, as a store keeps it and as registering gives it back once.
public struct RegisteredWebhook: Sendable {
    /// The webhook.
    public var webhook: Webhook
    /// Its secrets.
    public var secrets: SecretRotation

    /// Puts a webhook and its secrets together.
    ///
    /// - Parameters:
    ///   - webhook: The webhook.
    ///   - secrets: Its secrets.
    public init(webhook: Webhook, secrets: SecretRotation) {
        self.webhook = webhook
        self.secrets = secrets
    }

    /// The secret that signs `X-TaskFlow-Signature`; show it to its owner once.
    public var secret: WebhookSecret { secrets.current }

    /// Names the webhook.
    public var id: WebhookID { webhook.id }
}
