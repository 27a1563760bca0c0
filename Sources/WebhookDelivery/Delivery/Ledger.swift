/// How many deliveries there are, by where they stand: nothing is lost as long as the sum is right.
public struct Ledger: Sendable, Hashable {
    /// All deliveries that were ever made.
    public var accepted = 0
    /// Those that wait or are under way.
    public var open = 0
    /// Those that arrived.
    public var succeeded = 0
    /// Those whose attempts are used up, or whose endpoint is gone.
    public var failed = 0
    /// Those whose webhook was deleted, or that were given up.
    public var cancelled = 0
    /// Those that brought workers down.
    public var rejected = 0

    /// Creates an empty ledger.
    public init() {}

    /// Whether every accepted delivery is in exactly one place.
    public var isBalanced: Bool { accepted == open + succeeded + failed + cancelled + rejected }

    /// Counts deliveries of one status.
    ///
    /// - Parameters:
    ///   - count: How many there are.
    ///   - status: Where they stand.
    public mutating func add(_ count: Int, _ status: DeliveryState.Status) {
        switch status {
        case .pending, .leased: open += count
        case .succeeded: succeeded += count
        case .failed: failed += count
        case .cancelled: cancelled += count
        case .rejected: rejected += count
        }
    }

    /// Counts the deliveries of another ledger as well.
    package mutating func add(_ other: Ledger) {
        accepted += other.accepted
        open += other.open
        succeeded += other.succeeded
        failed += other.failed
        cancelled += other.cancelled
        rejected += other.rejected
    }
}
