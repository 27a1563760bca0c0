/// What a worker's host has decided about deliveries, handed to the store with every claim and report.
public struct DeliveryRules: Sendable, Hashable {
    /// How much longer than its webhook's timeout a delivery is leased: the time for the store to answer a claim and to
    /// take the report.
    ///
    /// A delivery whose worker died is free again after timeout and margin, 15 s by default.
    public var leaseMargin = Duration.seconds(10)
    /// The most deliveries of one webhook that may be leased at once, by all workers together.
    public var perWebhook = 16
    /// The most deliveries of one account that may be leased at once, by all workers together.
    public var perAccount = 32
    /// The most deliveries a webhook gets on one UTC day.
    public var dailyLimit = 1000
    /// How the health of webhooks is judged.
    public var health = HealthPolicy()

    /// Creates the defaults.
    public init() {}
}
