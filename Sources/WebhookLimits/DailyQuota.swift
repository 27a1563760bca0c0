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
        self.used = used
    }

    /// What charging came to.
    public enum OnCharge: Sendable, Hashable {
        /// One delivery was charged.
        case charged
        /// The day is used up; there is more from the given moment on.
        case exhausted(until: Timestamp)
    }

    /// Charges one delivery, or says when the next day begins.
    ///
    /// - Parameters:
    ///   - now: The store's time.
    ///   - limit: The most deliveries a day.
    /// - Returns: Whether it was charged.
    public mutating func charge(at now: Timestamp, limit: Int) -> OnCharge {
        let today = now.utcDay
        if today > day { self = DailyQuota(day: today, used: 0) }
        guard used < limit else { return .exhausted(until: Timestamp(startOfUTCDay: day + 1)) }
        used += 1
        return .charged
    }
}
