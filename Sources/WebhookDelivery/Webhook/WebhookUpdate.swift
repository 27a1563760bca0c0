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
    public mutating func apply(_ update: Webhook.Update, at now: Timestamp) {
        if let new = update.url, new != url {
            // What is known about the old endpoint does not apply to the new one.
            health.breaker = Webhook.CircuitBreaker()
            health.quietUntil = nil
            pace.restart(at: now)
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
        version.countUp()
    }
}

extension Webhook {
    /// The backlog policy: what happens to the backlog of a stopped webhook when it is enabled.
    public enum BacklogPolicy: Sendable, Hashable {
        /// The order in which the backlog is sent.
        public enum Order: String, Sendable, Hashable, CaseIterable {
            /// In order of creation.
            case oldestFirst = "oldest_first"
            /// The newest event first; deliveries with the same ordering key stay in order of creation.
            case newestFirst = "newest_first"
        }

        /// Sends the backlog immediately, starting with one request in flight and adding one for each success.
        case atOnce
        /// Spreads the backlog evenly over time, at this rate and starting now; newly published events do not wait for it.
        case spread(perSecond: Int, Order)
        /// Discards the backlog: its deliveries get the status `cancelled` and the reason `discarded`.
        case discard
    }
}

extension Webhook.BacklogPolicy {
    /// Applies the policy to the waiting deliveries; leased ones stay as they are.
    ///
    /// - Parameters:
    ///   - open: The webhook's open deliveries, oldest first; the caller stores those that changed.
    ///   - now: The store's time.
    public func apply(to open: inout [Delivery], at now: Timestamp) {
        let waiting = open.indices.filter { open[$0].state.status == .pending }
        let places = places(of: waiting.map { open[$0].orderingKey })
        for (place, index) in zip(places, waiting) { apply(to: &open[index], place: place, at: now) }
    }

    /// Returns the position of each waiting delivery: how many are sent before it.
    ///
    /// Deliveries with the same ordering key share their positions in order of creation. If the last of them were due
    /// first, all of them would be sent as soon as the first one is due.
    ///
    /// - Parameter keys: The ordering keys of the waiting deliveries, oldest first.
    /// - Returns: The positions, in the same order.
    package func places(of keys: [String?]) -> [Int] {
        guard case .spread(_, .newestFirst) = self else { return Array(keys.indices) }
        var places = keys.indices.map { keys.count - 1 - $0 }
        let ordered = keys.indices.filter { keys[$0] != nil }
        for indices in Dictionary(grouping: ordered, by: { keys[$0] }).values {
            for (index, place) in zip(indices, indices.map { places[$0] }.sorted()) { places[index] = place }
        }
        return places
    }

    /// Applies the policy to one waiting delivery.
    ///
    /// - Parameters:
    ///   - delivery: The delivery.
    ///   - place: How many waiting deliveries are sent before it.
    ///   - now: The store's time.
    package func apply(to delivery: inout Delivery, place: Int, at now: Timestamp) {
        switch self {
        case .atOnce: break
        case .discard: delivery.cancel(.discarded, at: now)
        case .spread(let perSecond, _):
            delivery.postpone(to: now + .seconds(1) / max(1, perSecond) * place)
        }
    }
}
