internal import WebhookEvents

/// How long many things took, in bounded memory: a percentile is at most 1/32 too long.
///
/// Each doubling of the duration has 32 equal steps, from a microsecond to twelve days; longer ones count as that. Histograms can be
/// added up, which percentiles cannot.
public struct LatencyHistogram: Sendable, Hashable {
    private static let steps = 32
    private static let longest: Int64 = 1 << 40

    private var counts: [Int] = []
    /// How many durations it holds.
    public private(set) var count = 0
    /// The longest one.
    public private(set) var maximum = Duration.zero

    /// Creates an empty histogram.
    public init() {}

    /// Adds a duration.
    ///
    /// - Parameter duration: The duration; a negative one counts as zero.
    public mutating func add(_ duration: Duration) {
        let index = Self.index(of: min(max(duration.wholeMicroseconds, 0), Self.longest))
        if index >= counts.count { counts += repeatElement(0, count: index + 1 - counts.count) }
        counts[index] += 1
        count += 1
        maximum = max(maximum, duration)
    }

    /// Adds everything that another one holds.
    ///
    /// - Parameter other: The other one.
    public mutating func add(_ other: LatencyHistogram) {
        if other.counts.count > counts.count {
            counts += repeatElement(0, count: other.counts.count - counts.count)
        }
        for (index, count) in other.counts.enumerated() { counts[index] += count }
        count += other.count
        maximum = max(maximum, other.maximum)
    }

    /// The duration that a share of all does not exceed.
    ///
    /// - Parameter share: The share, 0 to 1; 0.99 for the 99th percentile.
    /// - Returns: The duration, at most 1/32 too long; `nil` when there is none.
    public func percentile(_ share: Double) -> Duration? {
        guard count > 0, !share.isNaN else { return nil }
        var left = max(1, Int((min(max(share, 0), 1) * Double(count)).rounded(.up)))
        for (index, count) in counts.enumerated() {
            left -= count
            if left <= 0 { return min(.microseconds(Self.end(of: index)), maximum) }
        }
        return maximum
    }

    /// The first 64 steps are a microsecond each; after that each doubling has 32.
    private static func index(of microseconds: Int64) -> Int {
        let doublings = max(0, 64 - microseconds.leadingZeroBitCount - 6)
        return doublings * steps + Int(truncatingIfNeeded: microseconds >> Int64(doublings))
    }

    /// The longest duration of a step, in microseconds.
    private static func end(of index: Int) -> Int64 {
        let doublings = max(0, index / steps - 1)
        return (Int64(index - doublings * steps + 1) << Int64(doublings)) - 1
    }
}
