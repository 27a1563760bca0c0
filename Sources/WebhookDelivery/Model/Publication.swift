public import WebhookEvents
public import WebhookPayload

/// An event on its way into a store: its exact bytes, and where the names of its deliveries come from.
public struct EventPublication: Sendable {
    /// The event.
    public let envelope: Envelope
    /// When it was published.
    public let publishedAt: Timestamp
    private let seed: UInt64

    /// Creates a publication.
    ///
    /// - Parameters:
    ///   - envelope: The event.
    ///   - publishedAt: When it was published.
    ///   - seed: 64 bits of chance, from which the deliveries' names are made.
    public init(_ envelope: Envelope, publishedAt: Timestamp, seed: UInt64) {
        self.envelope = envelope
        self.publishedAt = publishedAt
        self.seed = seed
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

/// What became of a published event, webhook by webhook.
public struct PublishReceipt: Sendable, Hashable {
    /// One webhook's part.
    public struct Entry: Sendable, Hashable {
        /// The account's webhook.
        public let webhook: WebhookID
        /// The delivery that was made, or why none was.
        public let result: Result

        /// Creates an entry.
        ///
        /// - Parameters:
        ///   - webhook: The account's webhook.
        ///   - result: The delivery that was made, or why none was.
        public init(webhook: WebhookID, result: Result) {
            self.webhook = webhook
            self.result = result
        }
    }

    /// What publishing came to for one webhook.
    public enum Result: Sendable, Hashable {
        /// The event will be delivered.
        case delivery(DeliveryID)
        /// It will not.
        case skipped(SkipReason)
    }

    /// Names the event.
    public let event: EventID
    /// Whether the same event with the same bytes was published before; nothing has changed then.
    public let isDuplicate: Bool
    /// The account's webhooks; for a duplicate, those that got a delivery the first time.
    public let entries: [Entry]

    /// Creates a receipt.
    ///
    /// - Parameters:
    ///   - event: Names the event.
    ///   - isDuplicate: Whether it was published before.
    ///   - entries: The account's webhooks.
    public init(event: EventID, isDuplicate: Bool, entries: [Entry]) {
        self.event = event
        self.isDuplicate = isDuplicate
        self.entries = entries
    }

    /// The deliveries that were made.
    public var deliveries: [DeliveryID] {
        entries.compactMap { if case .delivery(let id) = $0.result { id } else { nil } }
    }
}
