public import WebhookEvents

/// How much of a webhook's day is used.
///
/// The day is part of the value and never goes back: a clock that steps back over midnight refills nothing.
public struct DailyQuota: Sendable, Hashable, Codable {
    /// The UTC day that ``used`` counts, in days since 1970-01-01.
    public private(set) var day: Int64
    /// The deliveries charged on that day.
    public private(set) var used: Int

    /// Creates a quota of which nothing is used.
    public init() {
        self.init(day: .min, used: 0)
    }

    /// Creates a quota from what a store has kept.
    ///
    /// - Parameters:
    ///   - day: The UTC day, in days since 1970-01-01.
    ///   - used: The deliveries charged on that day.
    public init(day: Int64, used: Int) {
        self.day = day
        self.used = max(0, used)
    }

    /// What charging came to.
    public enum OnCharge: Sendable, Hashable {
        /// One delivery was charged.
        case charged
        /// The day is used up; there is more from the given moment on.
        case exhausted(until: Timestamp)
    }

    /// Shows how much of a day is used.
    ///
    /// - Parameters:
    ///   - now: The time now.
    ///   - limit: The most deliveries a day.
    /// - Returns: The usage of today, or of the day that is kept when the clock has stepped back from it.
    public func usage(at now: Timestamp, limit: Int) -> LimitUsage {
        var turned = self
        turned.turn(to: now.utcDay)
        return LimitUsage(
            limit: limit, used: turned.used, resetsAt: Timestamp(startOfUTCDay: turned.day.saturatingNext))
    }

    /// The deliveries charged on a day.
    ///
    /// - Parameter now: The time now.
    /// - Returns: The number for today, or for the day that is kept when the clock has stepped back from it.
    func used(at now: Timestamp) -> Int {
        var turned = self
        turned.turn(to: now.utcDay)
        return turned.used
    }

    /// Charges one delivery, or says when the next day begins.
    ///
    /// - Parameters:
    ///   - now: The store's time.
    ///   - limit: The most deliveries a day.
    /// - Returns: Whether it was charged.
    public mutating func charge(at now: Timestamp, limit: Int) -> OnCharge {
        turn(to: now.utcDay)
        guard used < limit else { return .exhausted(until: Timestamp(startOfUTCDay: day.saturatingNext)) }
        used += 1
        return .charged
    }

    /// Goes on to a day.
    private mutating func turn(to today: Int64) {
        if today > day {
            self = DailyQuota(day: today, used: 0)
        } else if day > today.saturatingNext {
            // A day further off than tomorrow was written by a clock that was ahead. It counts as today, with what was used of
            // it: nothing is refilled, and tomorrow is free again.
            day = today
        }
    }
}

extension Int64 {
    /// The next number; a store may have kept any.
    var saturatingNext: Int64 { self == .max ? self : self + 1 }
}
