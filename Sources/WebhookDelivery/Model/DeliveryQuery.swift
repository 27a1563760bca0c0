public import WebhookEvents

/// Which deliveries to look at.
public struct DeliveryQuery: Sendable, Hashable {
    /// The account that they belong to.
    public var account: AccountID
    /// Only those to this webhook.
    public var webhook: WebhookID?
    /// Only those of this event.
    public var event: EventID?
    /// Only those that stand here.
    public var status: DeliveryState.Status?
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
    ///   - status: Only those that stand here.
    ///   - before: Only those older than this one.
    ///   - limit: The most to return.
    public init(
        account: AccountID, webhook: WebhookID? = nil, event: EventID? = nil, status: DeliveryState.Status? = nil,
        before: DeliveryID? = nil, limit: Int = 25
    ) {
        self.account = account
        self.webhook = webhook
        self.event = event
        self.status = status
        self.before = before
        self.limit = limit
    }
}
