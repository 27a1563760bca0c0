/// A point in wall-clock time, with microsecond precision.
///
/// The library reads the time only from the host's ``WebhookClock``. All arithmetic saturates at the ends of the range
/// instead of trapping, because some timestamps are computed from untrusted input.
public struct Timestamp: Sendable, Hashable, Comparable {
    /// Microseconds since 1970-01-01T00:00:00Z, not counting leap seconds.
    public let microseconds: Int64

    /// Creates a timestamp from microseconds since the Unix epoch.
    ///
    /// - Parameter microseconds: Microseconds since 1970-01-01T00:00:00Z.
    public init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// Creates a timestamp from whole seconds since the Unix epoch, saturating at the ends of the range.
    ///
    /// - Parameter unixSeconds: Seconds since 1970-01-01T00:00:00Z.
    public init(unixSeconds: Int64) {
        let (product, overflow) = unixSeconds.multipliedReportingOverflow(by: 1_000_000)
        self.microseconds = overflow ? (unixSeconds < 0 ? .min : .max) : product
    }

    /// Whole seconds since the Unix epoch, rounded down.
    public var unixSeconds: Int64 {
        let (quotient, remainder) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
        return remainder < 0 ? quotient - 1 : quotient
    }

    /// The UTC day of the timestamp, counted from 1970-01-01.
    public var utcDay: Int64 {
        let (quotient, remainder) = unixSeconds.quotientAndRemainder(dividingBy: 86_400)
        return remainder < 0 ? quotient - 1 : quotient
    }

    /// Creates the timestamp at which a UTC day starts.
    ///
    /// - Parameter utcDay: Days since 1970-01-01.
    public init(startOfUTCDay utcDay: Int64) {
        let (seconds, overflow) = utcDay.multipliedReportingOverflow(by: 86_400)
        self.init(unixSeconds: overflow ? (utcDay < 0 ? .min : .max) : seconds)
    }

    /// Returns whether one timestamp is earlier than another.
    public static func < (lhs: Timestamp, rhs: Timestamp) -> Bool {
        lhs.microseconds < rhs.microseconds
    }
}

extension Timestamp {
    /// Returns the timestamp that is a duration later, saturating at the ends of the range.
    public static func + (moment: Timestamp, duration: Duration) -> Timestamp {
        let (sum, overflow) = moment.microseconds.addingReportingOverflow(duration.wholeMicroseconds)
        return Timestamp(microseconds: overflow ? (duration < .zero ? .min : .max) : sum)
    }

    /// Returns the timestamp that is a duration earlier, saturating at the ends of the range.
    public static func - (moment: Timestamp, duration: Duration) -> Timestamp {
        let (difference, overflow) = moment.microseconds.subtractingReportingOverflow(duration.wholeMicroseconds)
        return Timestamp(microseconds: overflow ? (duration < .zero ? .max : .min) : difference)
    }

    /// Returns the duration from the second timestamp to the first; it is negative if the first is earlier.
    public static func - (later: Timestamp, earlier: Timestamp) -> Duration {
        let (difference, overflow) = later.microseconds.subtractingReportingOverflow(earlier.microseconds)
        return .microseconds(overflow ? (later < earlier ? Int64.min : Int64.max) : difference)
    }
}

extension Duration {
    /// The duration in microseconds, rounded towards zero and saturating at the ends of `Int64`.
    package var wholeMicroseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        guard !overflow else { return seconds < 0 ? .min : .max }
        let (sum, carried) = product.addingReportingOverflow(attoseconds / 1_000_000_000_000)
        return carried ? (seconds < 0 ? .min : .max) : sum
    }

    /// The duration in milliseconds, rounded towards zero.
    package var wholeMilliseconds: Int64 { wholeMicroseconds / 1000 }
}
