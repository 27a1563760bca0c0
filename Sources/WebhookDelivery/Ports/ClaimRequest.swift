public import WebhookEvents

/// A worker's request for deliveries.
public struct ClaimRequest: Sendable, Hashable {
    /// Room for deliveries: their number, and the bytes of their bodies.
    public struct Room: Sendable, Hashable {
        /// The maximum number of deliveries.
        public var count: Int
        /// The bytes of bodies after which nothing more is claimed; the last delivery may exceed them.
        public var bytes: Int

        /// Creates room.
        ///
        /// - Parameters:
        ///   - count: The maximum number of deliveries.
        ///   - bytes: The bytes of bodies after which nothing more is claimed.
        public init(count: Int, bytes: Int = .max) {
            self.count = count
            self.bytes = bytes
        }

        /// Room without a limit.
        public static let unbounded = Room(count: .max)

        /// Whether there is room for another delivery.
        var isOpen: Bool { count > 0 && bytes > 0 }

        mutating func take(_ size: Int) {
            count -= 1
            bytes = bytes.subtractingReportingOverflow(max(0, size)).partialValue
        }
    }

    /// The maximum number of deliveries to claim.
    public var count: Int
    /// How many of them may be retries (``Delivery/isRetry``); the other places are reserved for first attempts.
    public var retries: Int
    /// How many of them may go to endpoints that are not known to respond quickly: see ``Webhook/EndpointPace``.
    public var untried = Room.unbounded
    /// How many of those may go to endpoints that are known to be slow.
    public var slow = Room.unbounded
    /// The worker's capacity, and how much of it each account uses already.
    public var shares: ClaimRequest.AccountShares
    /// The accounts that were locked when the worker last reported; a store with account locks skips them.
    ///
    /// Otherwise the claims of several workers, which skip locks, would overtake the reports that wait for them.
    public var held: Set<AccountID> = []
    /// The host's delivery rules.
    public var rules: DeliveryRules

    /// Creates a request of a worker with nothing in flight.
    ///
    /// - Parameters:
    ///   - count: The maximum number of deliveries to claim.
    ///   - retries: How many of them may be retries; `count` by default.
    ///   - bytes: The bytes of bodies to claim at most; an account gets at most half of what the others leave.
    ///   - rules: The host's delivery rules.
    public init(count: Int, retries: Int? = nil, bytes: Int = .max, rules: DeliveryRules = DeliveryRules()) {
        self.count = count
        self.retries = retries ?? count
        self.shares = ClaimRequest.AccountShares(bytes: bytes)
        self.rules = rules
    }
}
