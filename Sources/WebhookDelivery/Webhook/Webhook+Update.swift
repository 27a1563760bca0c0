public import WebhookEvents
public import WebhookLimits
public import WebhookRetries

extension Webhook {
    /// A change of a webhook's settings; a setting that is `nil` stays as it is.
    ///
    /// Attempts that start after the change use the new URL, header fields and timeout. The wait after an attempt follows
    /// the retry schedule that the attempt started with. A new ordering applies to new events.
    public struct Update: Sendable, Hashable {
        /// The URL that receives the events.
        public var url: String?
        /// The event types to deliver.
        public var events: [EventPattern]?
        /// Which header fields requests carry in addition to TaskFlow's.
        public var format: Webhook.Format?
        /// Custom header fields for every request.
        public var headers: CustomHeaders?
        /// The timeout of one attempt.
        public var timeout: Duration?
        /// The schedule of retries.
        public var retryPolicy: RetryPolicy?
        /// The order in which events are delivered.
        public var ordering: Webhook.Ordering?
        /// The rate limit.
        public var rate: Rate?

        /// What the owner notes about the webhook.
        public var annotations: Webhook.Annotations?
        /// When the webhook expires.
        public var expiry: Expiry?
        /// Whether the endpoint may end a delivery or stop the webhook.
        public var allowsSteering: Bool?
        /// Whether requests carry the trace context that an event was published with.
        public var sendsTraceContext: Bool?

        /// The end of a webhook's life.
        public enum Expiry: Sendable, Hashable {
            /// The webhook expires at this time.
            case at(Timestamp)
            /// The webhook does not expire.
            case never
        }

        /// A rate limit.
        public enum Rate: Sendable, Hashable {
            /// The most requests per second, at least 1.
            case perSecond(Int)
            /// No limit except the caps.
            case unbounded
        }

        /// Creates an update that changes nothing.
        public init() {}
    }
}

extension Webhook {
    /// Applies a change of the settings.
    ///
    /// - Parameters:
    ///   - update: The change.
    ///   - now: The store's time.
    public mutating func apply(_ update: Webhook.Update, now: Timestamp) {
        if let new = update.url, new != url {
            // What is known about the old endpoint does not apply to the new one.
            health.breaker = Webhook.CircuitBreaker()
            health.backOffUntil = nil
            pace.restart(now: now)
        }
        url = update.url ?? url
        events = update.events ?? events
        format = update.format ?? format
        headers = update.headers ?? headers
        timeout = update.timeout ?? timeout
        retryPolicy = update.retryPolicy ?? retryPolicy
        ordering = update.ordering ?? ordering
        switch update.rate {
        case .perSecond(let count): requestsPerSecond = count
        case .unbounded: requestsPerSecond = nil
        case nil: break
        }
        annotations = update.annotations ?? annotations
        switch update.expiry {
        case .at(let moment): expiresAt = moment
        case .never: expiresAt = nil
        case nil: break
        }
        allowsSteering = update.allowsSteering ?? allowsSteering
        sendsTraceContext = update.sendsTraceContext ?? sendsTraceContext
        updatedAt = now
        version.countUp()
    }
}
