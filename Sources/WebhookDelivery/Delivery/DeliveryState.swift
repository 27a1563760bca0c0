public import WebhookEvents

/// Where one delivery stands.
///
/// ```
/// pending ─ claim ─▶ leased ─ settle ─▶ succeeded │ failed
///    ▲                  │ ─ retry, release, sender's fault ─▶ pending
///    │                  └ lease ends ─ claim ─▶ leased (next token)
///    └ defer            pending, leased ─ cancel ─▶ cancelled;  claim ─▶ rejected (after too many crashes)
/// ```
/// The last four states are final. Every store moves deliveries with ``Delivery/claim(at:webhook:rules:)`` and its
/// neighbours; none decides anything itself.
public struct DeliveryState: Sendable, Hashable {
    /// The places a delivery can be in.
    public enum Status: String, Sendable, Hashable, CaseIterable {
        /// It waits until it is due.
        case pending
        /// A worker has it until its lease ends.
        case leased
        /// The endpoint accepted it.
        case succeeded
        /// Its attempts are used up, or the endpoint is gone.
        case failed
        /// Its webhook was deleted, or its owner gave it up.
        case cancelled
        /// It brought workers down again and again.
        case rejected

        /// Whether nothing can happen any more.
        public var isFinal: Bool { self != .pending && self != .leased }
    }

    /// Why a delivery is where it is.
    public enum Reason: String, Sendable, Hashable {
        /// It failed and is tried again.
        case retry
        /// The webhook's day is used up.
        case dailyLimit = "daily_limit"
        /// All attempts failed.
        case exhausted
        /// The endpoint answered 410.
        case gone
        /// The webhook was deleted.
        case webhookDeleted = "webhook_deleted"
        /// It waited while its webhook was stopped, and was given up when that was switched on again.
        case discarded
        /// Workers died while they had it.
        case poison
        /// Workers fell silent while they had it; it waits before another gets it.
        case workerLost = "worker_lost"
        /// The sender lacked resources of its own; it waits a moment, and no attempt is used up.
        case senderFault = "sender_fault"
    }

    /// Where it is.
    public internal(set) var status: Status
    /// Why it is there, where that needs saying.
    public internal(set) var reason: Reason?
    /// When something is due: the next attempt while pending, the end of the lease while leased, the end when final.
    public internal(set) var dueAt: Timestamp
    /// Rises with every claim; a worker whose token is not this one has lost the delivery.
    public internal(set) var token: FencingToken
    /// How many attempts are finished and recorded.
    public internal(set) var attempts: Int
    /// How many claims in a row ended without a word from their worker.
    public internal(set) var crashes: Int
    /// How many claims in a row were given back because of a fault of the sender's own.
    public internal(set) var setbacks: Int
    /// Whether it was charged to its webhook's day.
    public internal(set) var isCharged: Bool
    /// When its first attempt was claimed.
    public internal(set) var firstAttemptAt: Timestamp?

    /// How many silent claims in a row a delivery survives: one bad body must not bring down workers for ever.
    ///
    /// After the first it is free again at once; from the second on it waits four times as long each time, so that replies
    /// which get lost for some minutes reject nothing.
    public static let crashAllowance = 4

    /// How many faults of the sender's own in a row cost a delivery no attempt: about a day of them.
    ///
    /// From then on each of them is recorded as an attempt, so that no delivery is tried without end.
    public static let setbackAllowance = 1440
    /// The longest wait after a fault of the sender's own.
    static let longestSetback = Duration.seconds(60)

    /// Creates a delivery that is due at once.
    ///
    /// - Parameter now: The store's time.
    public init(at now: Timestamp) {
        self.init(
            status: .pending, reason: nil, dueAt: now, token: FencingToken(0), attempts: 0, crashes: 0,
            setbacks: 0, isCharged: false, firstAttemptAt: nil)
    }

    /// Creates a state from what a store has kept.
    ///
    /// - Parameters:
    ///   - status: Where it is.
    ///   - reason: Why it is there.
    ///   - dueAt: When something is due.
    ///   - token: The token of the latest claim.
    ///   - attempts: How many attempts are finished.
    ///   - crashes: How many claims in a row ended without a word.
    ///   - setbacks: How many claims in a row were given back because of a fault of the sender's own.
    ///   - isCharged: Whether it was charged to its webhook's day.
    ///   - firstAttemptAt: When its first attempt was claimed.
    public init(
        status: Status, reason: Reason?, dueAt: Timestamp, token: FencingToken, attempts: Int, crashes: Int,
        setbacks: Int, isCharged: Bool, firstAttemptAt: Timestamp?
    ) {
        self.status = status
        self.reason = reason
        self.dueAt = dueAt
        self.token = token
        self.attempts = min(max(attempts, 0), Int(Int32.max))
        self.crashes = min(max(crashes, 0), Int(Int32.max))
        self.setbacks = min(max(setbacks, 0), Self.setbackAllowance)
        self.isCharged = isCharged
        self.firstAttemptAt = firstAttemptAt
    }

    mutating func move(to status: Status, _ reason: Reason?, at dueAt: Timestamp) {
        (self.status, self.reason, self.dueAt) = (status, reason, dueAt)
    }
}
