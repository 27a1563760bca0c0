/// The number of deliveries by status; as long as the counts are balanced, no delivery is lost.
public struct DeliveryCounts: Sendable, Hashable {
    /// All deliveries that were ever created.
    public var accepted = 0
    /// The deliveries that are waiting or in flight.
    public var open = 0
    /// The deliveries that the endpoint accepted.
    public var succeeded = 0
    /// The deliveries without any attempt left, or whose endpoint is gone.
    public var failed = 0
    /// The deliveries whose webhook was deleted, or that were discarded.
    public var cancelled = 0
    /// The deliveries of which too many leases expired.
    public var rejected = 0

    /// Creates counts of zero.
    public init() {}

    /// Whether every accepted delivery is counted exactly once.
    public var isBalanced: Bool { accepted == open + succeeded + failed + cancelled + rejected }

    /// Adds deliveries of one status.
    ///
    /// - Parameters:
    ///   - count: The number of deliveries.
    ///   - status: Their status.
    public mutating func add(_ count: Int, _ status: Delivery.State.Status) {
        switch status {
        case .pending, .leased: open += count
        case .succeeded: succeeded += count
        case .failed: failed += count
        case .cancelled: cancelled += count
        case .rejected: rejected += count
        }
    }

    /// Adds other delivery counts.
    package mutating func add(_ other: DeliveryCounts) {
        accepted += other.accepted
        open += other.open
        succeeded += other.succeeded
        failed += other.failed
        cancelled += other.cancelled
        rejected += other.rejected
    }
}
