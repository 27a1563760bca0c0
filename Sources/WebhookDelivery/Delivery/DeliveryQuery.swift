public import WebhookEvents

/// Which deliveries to look at.
public struct DeliveryQuery: Sendable, Hashable {
    /// The account that they belong to.
    public var account: AccountID
    /// Only those to this webhook.
    public var webhook: WebhookID?
    /// Only those of this event.
    public var event: EventID?
    /// Only those of events of this type.
    public var type: EventType?
    /// Only those that stand in one of these; all when there is none.
    public var phases: Set<DeliveryPhase>
    /// Only those that must arrive in order with this key.
    public var orderingKey: String?
    /// Only those with a lower number (``Delivery/sequence``): those that go before it where there is an order.
    public var sequenceBelow: Int64?
    /// Only those that were made at this moment or later.
    public var since: Timestamp?
    /// Only those that were made before this moment.
    public var until: Timestamp?
    /// Only those older than this one; the last of a page asks for the next page.
    public var before: DeliveryID?
    /// The most to return.
    public var limit: Int

    /// Creates a query.
    ///
    /// - Parameters:
    ///   - account: The account that they belong to.
    ///   - webhook: Only those to this webhook.
    ///   - event: Only those of this event.
    ///   - phases: Only those that stand in one of these; all when there is none.
    ///   - before: Only those older than this one.
    ///   - limit: The most to return.
    public init(
        account: AccountID, webhook: WebhookID? = nil, event: EventID? = nil, phases: Set<DeliveryPhase> = [],
        before: DeliveryID? = nil, limit: Int = 25
    ) {
        self.account = account
        self.webhook = webhook
        self.event = event
        self.phases = phases
        self.before = before
        self.limit = limit
    }

    /// Whether a delivery is one of them, as far as it goes itself.
    ///
    /// - Parameter delivery: The delivery.
    /// - Returns: Whether it matches; how many are wanted is the store's to count.
    public func matches(_ delivery: Delivery) -> Bool {
        delivery.account == account
            && webhook.map { delivery.webhook == $0 } ?? true
            && event.map { delivery.event == $0 } ?? true
            && type.map { delivery.eventType == $0 } ?? true
            && (phases.isEmpty || phases.contains(delivery.state.phase))
            && orderingKey.map { delivery.orderingKey == $0 } ?? true
            && sequenceBelow.map { delivery.sequence < $0 } ?? true
            && since.map { delivery.createdAt >= $0 } ?? true
            && until.map { delivery.createdAt < $0 } ?? true
            && before.map { delivery.id < $0 } ?? true
    }
}
