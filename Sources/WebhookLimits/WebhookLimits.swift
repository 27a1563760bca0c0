/// The limits of the product page as values, each of which a host may change.
public struct WebhookLimits: Sendable, Hashable {
    /// The most webhooks an account may have.
    public var webhooksPerAccount: Int
    /// The most deliveries a webhook gets on one UTC day; retries are free.
    public var deliveriesPerDay: Int
    /// The largest body that is sent, in bytes.
    public var bodyBytes: Int
    /// How long one attempt may take, unless its webhook says otherwise.
    public var timeout: Duration

    /// The shortest and the longest time that a webhook may ask for.
    public static let timeoutRange: ClosedRange<Duration> = .seconds(1) ... .seconds(30)

    /// Creates limits; without arguments, the documented ones.
    ///
    /// - Parameters:
    ///   - webhooksPerAccount: The most webhooks an account may have.
    ///   - deliveriesPerDay: The most deliveries a webhook gets on one UTC day.
    ///   - bodyBytes: The largest body that is sent, in bytes.
    ///   - timeout: How long one attempt may take.
    public init(
        webhooksPerAccount: Int = 10, deliveriesPerDay: Int = 1000, bodyBytes: Int = 10_000_000,
        timeout: Duration = .seconds(5)
    ) {
        self.webhooksPerAccount = webhooksPerAccount
        self.deliveriesPerDay = deliveriesPerDay
        self.bodyBytes = bodyBytes
        self.timeout = min(max(timeout, Self.timeoutRange.lowerBound), Self.timeoutRange.upperBound)
    }

    /// 10 webhooks an account, 1000 deliveries a webhook and UTC day, 10 000 000 bytes, 5 s.
    ///
    /// Source: the product page, "Webhook Limits".
    public static let documented = WebhookLimits()
}
