public import WebhookEvents
public import WebhookLimits
public import WebhookPayload

/// An event to be stored: its exact bytes, and a seed for the identifiers of its deliveries.
public struct EventPublication: Sendable {
    /// The event.
    public let envelope: Envelope
    /// When the event was published.
    public let publishedAt: Timestamp
    /// The limits of the account, such as how many deliveries may wait for one webhook.
    public let limits: ServiceLimits
    /// The trace that the event belongs to, which is stored with it.
    public let trace: TraceContext?
    private let seed: UInt64

    /// Creates a publication.
    ///
    /// - Parameters:
    ///   - envelope: The event.
    ///   - publishedAt: When the event was published.
    ///   - seed: 64 random bits, from which the deliveries' identifiers are generated.
    ///   - limits: The limits of the account, such as how many deliveries may wait for one webhook.
    ///   - trace: The trace that the event belongs to.
    public init(
        _ envelope: Envelope, publishedAt: Timestamp, seed: UInt64, limits: ServiceLimits = .standard,
        trace: TraceContext? = nil
    ) {
        self.envelope = envelope
        self.publishedAt = publishedAt
        self.seed = seed
        self.limits = limits
        self.trace = trace
    }

    /// The account that owns the event.
    public var accountID: AccountID { envelope.metadata.accountID }

    /// Returns the identifier of this event's delivery to a webhook; repeated calls return the same identifier.
    ///
    /// - Parameter webhook: The webhook.
    /// - Returns: The identifier.
    public func deliveryID(for webhook: WebhookID) -> DeliveryID {
        // The hash distinguishes the account's webhooks; the seed distinguishes publications.
        let hash = FNV1a(webhook.rawValue).value
        return DeliveryID(prefix: "del_", now: publishedAt, entropy: UInt128(seed) << 16 ^ UInt128(hash))
    }
}

extension EventPublication {
    /// The result of an event for one webhook.
    public enum FanOut: Sendable, Hashable {
        /// A delivery, to be stored in the same commit as the event.
        case delivery(Delivery)
        /// No delivery.
        case skipped(PublishReceipt.SkipReason)

        /// Returns the receipt's entry for a webhook.
        ///
        /// - Parameter webhook: The webhook.
        /// - Returns: The entry.
        public func entry(for webhook: WebhookID) -> PublishReceipt.Entry {
            switch self {
            case .delivery(let delivery): PublishReceipt.Entry(webhookID: webhook, result: .delivery(delivery.id))
            case .skipped(let reason): PublishReceipt.Entry(webhookID: webhook, result: .skipped(reason))
            }
        }
    }

    /// Decides whether a webhook of the account gets a delivery of the event.
    ///
    /// - Parameters:
    ///   - webhook: The webhook.
    ///   - open: How many deliveries of the webhook are waiting or in flight.
    ///   - sequence: The delivery's position in the store, higher than all earlier ones.
    ///   - now: The store's time.
    /// - Returns: The delivery, or why there is none.
    public func fanOut(to webhook: Webhook, open: Int, sequence: Int64, now: Timestamp) -> FanOut {
        let subscription = Subscription(
            webhook: webhook.id, isDisabled: webhook.status == .disabled, expiresAt: webhook.expiresAt,
            events: webhook.events,
            isOrdered: webhook.ordering == .resource)
        return fanOut(to: subscription, open: open, sequence: sequence, now: now)
    }

    /// The part of a webhook that publishing needs.
    package struct Subscription: Sendable {
        package let webhook: WebhookID
        package let isDisabled: Bool
        package let expiresAt: Timestamp?
        package let events: [EventPattern]
        package let isOrdered: Bool

        package init(
            webhook: WebhookID, isDisabled: Bool, expiresAt: Timestamp?, events: [EventPattern], isOrdered: Bool
        ) {
            self.webhook = webhook
            self.isDisabled = isDisabled
            self.expiresAt = expiresAt
            self.events = events
            self.isOrdered = isOrdered
        }
    }

    package func fanOut(to webhook: Subscription, open: Int, sequence: Int64, now: Timestamp) -> FanOut {
        if webhook.isDisabled { return .skipped(.disabled) }
        if let expiresAt = webhook.expiresAt, expiresAt <= now { return .skipped(.expired) }
        guard webhook.events.contains(where: { $0.matches(envelope.type) }) else { return .skipped(.notSubscribed) }
        guard (try? limits.checkBacklog(open: open)) != nil else { return .skipped(.backlogFull) }
        return .delivery(
            Delivery(
                id: deliveryID(for: webhook.webhook), eventID: envelope.id, eventType: envelope.type,
                webhookID: webhook.webhook, accountID: accountID, createdAt: now, sequence: sequence,
                orderingKey: webhook.isOrdered ? envelope.metadata.orderingKey : nil,
                resource: envelope.metadata.orderingKey, state: Delivery.State(now: now)))
    }
}

extension PublishReceipt {
    /// The reason why a webhook gets no delivery of an event.
    public enum SkipReason: String, Sendable, Hashable, CaseIterable {
        /// The webhook does not subscribe to events of this type.
        case notSubscribed = "not_subscribed"
        /// The webhook is disabled.
        case disabled
        /// The webhook has expired.
        case expired
        /// The webhook's backlog is full.
        case backlogFull = "backlog_full"
    }
}
