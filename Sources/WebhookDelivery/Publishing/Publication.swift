public import WebhookEvents
public import WebhookLimits
public import WebhookPayload

/// An event on its way into a store: its exact bytes, and where the names of its deliveries come from.
public struct EventPublication: Sendable {
    /// The event.
    public let envelope: Envelope
    /// When it was published.
    public let publishedAt: Timestamp
    /// How many deliveries may wait for one webhook, and the other limits of its account.
    public let limits: WebhookLimits
    private let seed: UInt64

    /// Creates a publication.
    ///
    /// - Parameters:
    ///   - envelope: The event.
    ///   - publishedAt: When it was published.
    ///   - seed: 64 bits of chance, from which the deliveries' names are made.
    ///   - limits: How many deliveries may wait for one webhook.
    public init(_ envelope: Envelope, publishedAt: Timestamp, seed: UInt64, limits: WebhookLimits = .documented) {
        self.envelope = envelope
        self.publishedAt = publishedAt
        self.seed = seed
        self.limits = limits
    }

    /// The account that the event belongs to.
    public var account: AccountID { envelope.metadata.accountID }

    /// Names the delivery of this event to a webhook; the same webhook gets the same name however often it is asked for.
    ///
    /// - Parameter webhook: The webhook.
    /// - Returns: The name.
    public func deliveryID(for webhook: WebhookID) -> DeliveryID {
        // FNV-1a tells the account's webhooks apart; the seed tells publications apart.
        let hash = webhook.rawValue.utf8.reduce(UInt64(0xCBF2_9CE4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        return DeliveryID(prefix: "del_", at: publishedAt, entropy: UInt128(seed) << 16 ^ UInt128(hash))
    }
}

extension EventPublication {
    /// What the event means for one webhook.
    public enum FanOut: Sendable, Hashable {
        /// This delivery, to be kept in the same commit as the event.
        case delivery(Delivery)
        /// Nothing.
        case skipped(SkipReason)

        /// Its line in the receipt.
        ///
        /// - Parameter webhook: The webhook.
        /// - Returns: The line.
        public func entry(for webhook: WebhookID) -> PublishReceipt.Entry {
            switch self {
            case .delivery(let delivery): PublishReceipt.Entry(webhook: webhook, result: .delivery(delivery.id))
            case .skipped(let reason): PublishReceipt.Entry(webhook: webhook, result: .skipped(reason))
            }
        }
    }

    /// Decides what the event means for one webhook of its account.
    ///
    /// - Parameters:
    ///   - webhook: The webhook.
    ///   - open: How many deliveries wait for it or are under way.
    ///   - sequence: The number of the delivery, higher than those of all before it.
    ///   - now: The store's time.
    /// - Returns: The delivery, or why there is none.
    public func fanOut(to webhook: Webhook, open: Int, sequence: Int64, at now: Timestamp) -> FanOut {
        let subscription = Subscription(
            webhook: webhook.id, isDisabled: webhook.state == .disabled, events: webhook.events,
            isOrdered: webhook.ordering == .resource)
        return fanOut(to: subscription, open: open, sequence: sequence, at: now)
    }

    /// What has to be known of a webhook to publish to it.
    package struct Subscription: Sendable {
        package let webhook: WebhookID
        package let isDisabled: Bool
        package let events: [EventPattern]
        package let isOrdered: Bool

        package init(webhook: WebhookID, isDisabled: Bool, events: [EventPattern], isOrdered: Bool) {
            self.webhook = webhook
            self.isDisabled = isDisabled
            self.events = events
            self.isOrdered = isOrdered
        }
    }

    package func fanOut(to webhook: Subscription, open: Int, sequence: Int64, at now: Timestamp) -> FanOut {
        if webhook.isDisabled { return .skipped(.disabled) }
        guard webhook.events.contains(where: { $0.matches(envelope.type) }) else { return .skipped(.notSubscribed) }
        guard (try? limits.checkBacklog(open: open)) != nil else { return .skipped(.backlogFull) }
        return .delivery(
            Delivery(
                id: deliveryID(for: webhook.webhook), event: envelope.id, eventType: envelope.type,
                webhook: webhook.webhook, account: account, createdAt: now, sequence: sequence,
                orderingKey: webhook.isOrdered ? envelope.metadata.orderingKey : nil, state: DeliveryState(at: now)))
    }
}

/// Why an event made no delivery to a webhook.
public enum SkipReason: String, Sendable, Hashable, CaseIterable {
    /// The webhook does not subscribe to events of this type.
    case notSubscribed = "not_subscribed"
    /// The webhook is disabled.
    case disabled
    /// As many deliveries wait for the webhook as may.
    case backlogFull = "backlog_full"
}
