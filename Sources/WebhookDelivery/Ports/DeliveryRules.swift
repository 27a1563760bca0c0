/// The host's rules for deliveries, which a worker passes to the store with every claim and report.
public struct DeliveryRules: Sendable, Hashable {
    /// How much longer than its webhook's timeout a delivery is leased: the time for the store's reply to the claim and
    /// for the report.
    ///
    /// After a worker crashed, its deliveries can be claimed again after the timeout plus the margin, 15 s by default.
    public var leaseMargin = Duration.seconds(10)
    /// How many deliveries of one webhook may be leased at the same time, by all workers together.
    public var maximumInFlightPerWebhook = 16
    /// How many deliveries of one account may be leased at the same time, by all workers together.
    public var maximumInFlightPerAccount = 32
    /// The daily limit: how many deliveries a webhook gets per UTC day.
    public package(set) var dailyLimit = 1000
    /// The health policy of webhooks.
    public var health = HealthPolicy()

    /// Creates rules with default values.
    public init() {}
}
