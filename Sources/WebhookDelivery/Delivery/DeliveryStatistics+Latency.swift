internal import WebhookEvents

extension DeliveryStatistics {
    /// A histogram of durations in bounded memory; a percentile is at most 1/32 too long.
    ///
    /// Each doubling of the duration is divided into 32 equal steps, from one microsecond to twelve days; longer durations
    /// count as twelve days. Unlike percentiles, histograms can be added.
    public struct LatencyHistogram: Sendable, Hashable {
        private static let steps = 32
        private static let longest: Int64 = 1 << 40

        private var counts: [Int] = []
        /// The number of durations.
        public private(set) var count = 0
        /// The longest duration.
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

        /// Adds all durations of another histogram.
        ///
        /// - Parameter other: The other histogram.
        public mutating func add(_ other: DeliveryStatistics.LatencyHistogram) {
            if other.counts.count > counts.count {
                counts += repeatElement(0, count: other.counts.count - counts.count)
            }
            for (index, count) in other.counts.enumerated() { counts[index] += count }
            count += other.count
            maximum = max(maximum, other.maximum)
        }

        /// Returns the duration that a given share of all durations does not exceed.
        ///
        /// - Parameter share: The share, 0 to 1; 0.99 for the 99th percentile.
        /// - Returns: The duration, at most 1/32 too long; `nil` if the histogram is empty.
        public func percentile(_ share: Double) -> Duration? {
            guard count > 0, !share.isNaN else { return nil }
            var left = max(1, Int((min(max(share, 0), 1) * Double(count)).rounded(.up)))
            for (index, count) in counts.enumerated() {
                left -= count
                if left <= 0 { return min(.microseconds(Self.end(of: index)), maximum) }
            }
            return maximum
        }

        /// Returns the step of a duration: the first 64 steps are one microsecond each, then each doubling has 32.
        private static func index(of microseconds: Int64) -> Int {
            let doublings = max(0, 64 - microseconds.leadingZeroBitCount - 6)
            return doublings * steps + Int(truncatingIfNeeded: microseconds >> Int64(doublings))
        }

        /// Returns the longest duration of a step, in microseconds.
        private static func end(of index: Int) -> Int64 {
            let doublings = max(0, index / steps - 1)
            return (Int64(index - doublings * steps + 1) << Int64(doublings)) - 1
        }
    }
}
