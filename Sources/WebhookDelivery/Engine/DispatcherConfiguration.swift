/// How much a dispatcher does at once, and how it times its work.
public struct DispatcherConfiguration: Sendable, Hashable {
    /// The most requests in flight.
    public var maximumInFlight = 64
    /// The most requests in flight to one webhook, by all workers of a store together.
    public var perWebhook = 16
    /// The most bytes of bodies taken by one claim.
    public var claimBytes = 64_000_000
    /// How much longer than its webhook's timeout a delivery is leased: the time for the store to answer a claim and to
    /// take the report.
    ///
    /// A delivery whose worker died is free again after timeout and margin, 15 s by default.
    public var leaseMargin = Duration.seconds(10)
    /// The longest sleep between two claims: how soon work is found that another process published.
    public var pollInterval = Duration.seconds(5)
    /// The wait after a failed call of the store, doubled each time up to ``pollInterval``.
    public var storeBackoff = Duration.milliseconds(100)
    /// How many failed reports in a row a stopping dispatcher makes before it leaves them to the lease's end.
    public var settleTriesWhenStopping = 5

    /// Creates the defaults.
    public init() {}

    /// How old a claim may be when its request starts.
    ///
    /// Half the margin: the other half is for the report.
    var trustWindow: Duration { leaseMargin / 2 }
}
