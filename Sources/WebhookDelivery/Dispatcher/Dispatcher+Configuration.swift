extension Dispatcher {
    /// The limits and timing of a dispatcher.
    public struct Configuration: Sendable, Hashable {
        /// The most requests in flight; by default as many as `HTTPTransport` has connections.
        ///
        /// An account may have at most half of what the others leave free, of the requests and of the bytes below, where
        /// its last body may exceed the half. Endpoints that are not known to respond quickly may have at most half of the
        /// requests together, and slow ones a quarter: see ``Webhook/EndpointPace``. A request needs 30 to 50 KB in addition to its
        /// body, measured with 512 requests to endpoints that hang.
        public var maximumInFlight = 1024
        /// How many of them are reserved for first attempts; a quarter by default.
        public var firstAttemptSlots: Int {
            get { chosenFirstAttemptSlots ?? maximumInFlight / 4 }
            set { chosenFirstAttemptSlots = newValue }
        }
        private var chosenFirstAttemptSlots: Int?
        /// The most deliveries of one claim, even if more slots are free.
        ///
        /// Events that are published during a claim wait for it to end, and so does the next account.
        public var maximumClaim = 64
        /// The bytes of bodies in flight after which nothing more is claimed; the last body of a claim may exceed them.
        public var maximumBytesInFlight = 64_000_000
        /// The rules that the store gets with every claim and report: caps, leases, limits and health.
        public var rules = DeliveryRules()
        /// What is kept of the exchanges of attempts.
        public var recording = Attempt.Recording()
        /// The longest that a call of the store may take; the store's own timeouts must enforce this.
        public var storeCallTimeout = Duration.seconds(4)
        /// The age of a claim after which its worker reads the webhook again before it sends.
        ///
        /// A change of a webhook applies to every attempt that starts later than this plus the store's response time.
        /// Usually an attempt starts almost immediately after its claim.
        public var maximumUncheckedClaimAge = Duration.seconds(1)
        /// The longest wait between two claims, and so the longest delay of work that another process published.
        public var pollInterval = Duration.seconds(5)
        /// The wait after a failed call of the store; it doubles with each failure, up to ``pollInterval``.
        public var storeBackoff = Duration.milliseconds(100)
        /// How many reports in a row may fail while the dispatcher stops; after that, the leases expire unreported.
        public var maximumSettleAttemptsAtShutdown = 5

        /// Creates a configuration with default values.
        public init() {}

        /// The age of a claim up to which its request may start.
        ///
        /// The rest of the margin is for the report.
        var maximumClaimAge: Duration { rules.leaseMargin - storeCallTimeout - Self.clockAllowance }

        /// How much two readings of clocks may differ.
        private static let clockAllowance = Duration.seconds(1)

        /// Checks that leases outlast attempts and their reports, and that all limits allow progress.
        ///
        /// - Throws: ``DeliveryError`` with code ``DeliveryError/Code/invalidConfiguration``.
        func check() throws(DeliveryError) {
            guard maximumClaimAge > .zero else {
                throw DeliveryError(
                    .invalidConfiguration,
                    "The lease margin of \(rules.leaseMargin) is too short for store calls of up to \(storeCallTimeout)",
                    hint: "The margin must exceed the duration of a store call by more than one second.")
            }
            guard (0..<maximumInFlight).contains(firstAttemptSlots) else {
                throw DeliveryError(
                    .invalidConfiguration,
                    "Cannot reserve \(firstAttemptSlots) of \(maximumInFlight) slots for first attempts",
                    hint: "Leave at least one slot for retries.")
            }
            guard rules.maximumInFlightPerWebhook > 0, rules.maximumInFlightPerAccount > 0, maximumBytesInFlight > 0,
                maximumClaim > 0,
                pollInterval > .zero,
                storeBackoff > .zero, storeCallTimeout > .zero, maximumUncheckedClaimAge > .zero
            else {
                throw DeliveryError(
                    .invalidConfiguration, "A limit or duration is not positive", hint: "Use values greater than zero.")
            }
        }
    }
}
