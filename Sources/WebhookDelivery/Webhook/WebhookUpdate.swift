public import WebhookEvents
public import WebhookLimits
public import WebhookRetries

/// What somebody changes about a webhook; what is `nil` stays as it is.
///
/// Attempts that start after the change go by it: to the new URL, with the new header fields, within the new time. The wait
/// after an attempt is that of the schedule that the attempt started with. The ordering counts for new events.
public struct WebhookUpdate: Sendable, Hashable {
    /// Where events go.
    public var url: String?
    /// Which events go there.
    public var events: [EventPattern]?
    /// Which header fields requests carry beside TaskFlow's own.
    public var format: Webhook.Format?
    /// Header fields of the owner's own.
    public var headers: CustomHeaders?
    /// How long one attempt may take.
    public var timeout: Duration?
    /// When failed deliveries are tried again.
    public var retryPolicy: RetryPolicy?
    /// In which order events arrive.
    public var ordering: Webhook.Ordering?
    /// The bound on requests a second.
    public var rate: Rate?

    /// A bound on requests a second.
    public enum Rate: Sendable, Hashable {
        /// So many, at least 1.
        case perSecond(Int)
        /// No bound but the caps.
        case unbounded
    }

    /// Creates an update that changes nothing.
    public init() {}
}

extension Webhook {
    /// Makes a change.
    ///
    /// - Parameters:
    ///   - update: The change.
    ///   - now: The store's time.
    public mutating func apply(_ update: WebhookUpdate, at now: Timestamp) {
        if let new = update.url, new != url {
            // What is known of the old endpoint says nothing about the new one.
            health.breaker = CircuitBreaker()
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

/// What becomes of the deliveries that waited while a webhook was stopped.
public enum Drain: Sendable, Hashable {
    /// The order in which they go.
    public enum Order: String, Sendable, Hashable, CaseIterable {
        /// As they were made.
        case oldestFirst = "oldest_first"
        /// The latest news first; of one ordering key as they were made.
        case newestFirst = "newest_first"
    }

    /// They go at once, beginning with a single request in flight and one more for each success.
    case atOnce
    /// They are spread evenly over time: so many a second, beginning now. Events that are published meanwhile do not wait
    /// for them.
    case spread(perSecond: Int, Order)
    /// They are given up: their status is `cancelled`, their reason `discarded`.
    case discard
}

extension Drain {
    /// Does to the deliveries that wait what the drain says; leased ones stay as they are.
    ///
    /// - Parameters:
    ///   - open: A webhook's open deliveries, oldest first; those that changed are to be written.
    ///   - now: The store's time.
    public func apply(to open: inout [Delivery], at now: Timestamp) {
        let waiting = open.indices.filter { open[$0].state.status == .pending }
        let places = places(of: waiting.map { open[$0].orderingKey })
        for (place, index) in zip(places, waiting) { apply(to: &open[index], place: place, at: now) }
    }

    /// How many of the deliveries that wait go before each of them.
    ///
    /// Those of one ordering key share their places in their own order: were the last one due first, all of them would go at once
    /// when the first one is due.
    ///
    /// - Parameter keys: The ordering keys of the deliveries that wait, oldest first.
    /// - Returns: The places, in the same order.
    package func places(of keys: [String?]) -> [Int] {
        guard case .spread(_, .newestFirst) = self else { return Array(keys.indices) }
        var places = keys.indices.map { keys.count - 1 - $0 }
        let ordered = keys.indices.filter { keys[$0] != nil }
        for indices in Dictionary(grouping: ordered, by: { keys[$0] }).values {
            for (index, place) in zip(indices, indices.map { places[$0] }.sorted()) { places[index] = place }
        }
        return places
    }

    /// Does to one delivery that waits what the drain says.
    ///
    /// - Parameters:
    ///   - delivery: The delivery.
    ///   - place: How many of those that wait go before it.
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
