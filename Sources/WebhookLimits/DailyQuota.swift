public import WebhookEvents

/// The number of deliveries that a webhook was charged on a UTC day.
///
/// The day is part of the value and never goes back: a clock that steps back over midnight refills nothing.
public struct DailyQuota: Sendable, Hashable, Codable {
    /// The UTC day that ``used`` counts, in days since 1970-01-01.
    public private(set) var day: Int64
    /// The deliveries charged on that day.
    public private(set) var used: Int

    /// Creates an unused quota.
    public init() {
        self.init(day: .min, used: 0)
    }

    /// Creates a quota from stored values.
    ///
    /// - Parameters:
    ///   - day: The UTC day, in days since 1970-01-01.
    ///   - used: The deliveries charged on that day.
    public init(day: Int64, used: Int) {
        self.day = day
        self.used = max(0, used)
    }

    /// The result of charging a delivery.
    public enum ChargeResult: Sendable, Hashable {
        /// One delivery was charged.
        case charged
        /// The daily quota is exhausted until the given time.
        case exhausted(until: Timestamp)
    }

    /// Returns the usage of the daily quota.
    ///
    /// - Parameters:
    ///   - now: The current time.
    ///   - limit: The maximum number of deliveries per day.
    /// - Returns: The usage of today, or of the stored day if the clock has stepped back before it.
    public func usage(now: Timestamp, limit: Int) -> ServiceLimits.Snapshot.Usage {
        var turned = self
        turned.turn(to: now.utcDay)
        return ServiceLimits.Snapshot.Usage(
            limit: limit, used: turned.used, resetsAt: Timestamp(startOfUTCDay: turned.day.saturatingNext))
    }

    /// Returns the number of deliveries charged today.
    ///
    /// - Parameter now: The current time.
    /// - Returns: The number for today, or for the stored day if the clock has stepped back before it.
    func used(now: Timestamp) -> Int {
        var turned = self
        turned.turn(to: now.utcDay)
        return turned.used
    }

    /// Charges one delivery if the quota is not exhausted.
    ///
    /// - Parameters:
    ///   - now: The store's time.
    ///   - limit: The maximum number of deliveries per day.
    /// - Returns: Whether the delivery was charged, and otherwise when the next day begins.
    public mutating func charge(now: Timestamp, limit: Int) -> ChargeResult {
        turn(to: now.utcDay)
        guard used < limit else { return .exhausted(until: Timestamp(startOfUTCDay: day.saturatingNext)) }
        used += 1
        return .charged
    }

    /// Advances to a day.
    private mutating func turn(to today: Int64) {
        if today > day {
            self = DailyQuota(day: today, used: 0)
        } else if day > today.saturatingNext {
            // A clock that was ahead wrote a day later than tomorrow. It counts as today: the usage stays until
            // tomorrow.
            day = today
        }
    }
}

extension Int64 {
    /// The next number, without overflow; a store may return any number.
    var saturatingNext: Int64 { self == .max ? self : self + 1 }
}
