public import WebhookEvents

/// A stored event, without its bytes.
public struct StoredEvent: Sendable, Hashable {
    /// The event's identifier.
    public let id: EventID
    /// The event's type.
    public let type: EventType
    /// When the event was published, by the store's clock.
    public let publishedAt: Timestamp
    /// The receipt of the publish.
    public let receipt: PublishReceipt

    /// Creates a stored event.
    ///
    /// - Parameters:
    ///   - id: The event's identifier.
    ///   - type: The event's type.
    ///   - publishedAt: When the event was published.
    ///   - receipt: The receipt of the publish.
    public init(id: EventID, type: EventType, publishedAt: Timestamp, receipt: PublishReceipt) {
        self.id = id
        self.type = type
        self.publishedAt = publishedAt
        self.receipt = receipt
    }
}
