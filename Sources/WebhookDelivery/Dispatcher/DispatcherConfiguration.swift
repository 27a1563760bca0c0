/// How much a dispatcher does at once, and how it times its work.
public struct DispatcherConfiguration: Sendable, Hashable {
    /// The most requests in flight: as many as `HTTPTransport` has connections by default.
    ///
    /// An account may have at most half of what the others leave free, of these as of the bytes below, where its last body may
    /// go over it. Endpoints that are not known to answer soon have at most half of them together, and those that are slow a
    /// quarter: see ``EndpointPace``. One takes 30 to 50 KB beside its body, measured with 512 that hang.
    public var maximumInFlight = 1024
    /// How many of them retries cannot take from first attempts; a quarter unless it is set.
    public var firstAttemptSlots: Int {
        get { chosenFirstAttemptSlots ?? maximumInFlight / 4 }
        set { chosenFirstAttemptSlots = newValue }
    }
    private var chosenFirstAttemptSlots: Int?
    /// The most deliveries of one claim, however many slots are free: what is published meanwhile waits for it, and so does
    /// the next account's turn.
    public var maximumClaim = 64
    /// The bytes of bodies in flight beyond which nothing more is claimed; the last body of a claim may go over it.
    public var maximumBytesInFlight = 64_000_000
    /// What the store is told with every claim and report: caps, leases, limits, health.
    public var rules = DeliveryRules()
    /// How long a call of the store may take at worst; the store's own timeouts must see to it.
    public var storeTime = Duration.seconds(4)
    /// How old a claim may be before its worker asks the store for the webhook again.
    ///
    /// A change takes effect for every attempt that starts this long after it, and as long as the store takes to answer.
    /// Between claim and start there is next to nothing, unless a worker was held up.
    public var freshness = Duration.seconds(1)
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
    /// What is left of the margin is for the report.
    var trustWindow: Duration { rules.leaseMargin - storeTime - Self.clockAllowance }

    /// What two readings of clocks may differ by.
    private static let clockAllowance = Duration.seconds(1)

    /// Checks that leases outlast attempts and their reports, and that something can be in flight at all.
    ///
    /// - Throws: ``DeliveryError`` with code ``DeliveryError/Code/invalidConfiguration``.
    func check() throws(DeliveryError) {
        guard trustWindow > .zero else {
            throw DeliveryError(
                .invalidConfiguration,
                "The lease margin of \(rules.leaseMargin) leaves no time for the store, which may take \(storeTime)",
                hint: "Make the margin longer than the store's time by more than a second.")
        }
        guard (0..<maximumInFlight).contains(firstAttemptSlots) else {
            throw DeliveryError(
                .invalidConfiguration, "\(firstAttemptSlots) of \(maximumInFlight) slots are kept for first attempts",
                hint: "Leave at least one for retries.")
        }
        guard rules.perWebhook > 0, rules.perAccount > 0, maximumBytesInFlight > 0, maximumClaim > 0,
            pollInterval > .zero,
            storeBackoff > .zero, storeTime > .zero, freshness > .zero
        else {
            throw DeliveryError(
                .invalidConfiguration, "A cap or a time is zero or less", hint: "Each must be positive.")
        }
    }
}
