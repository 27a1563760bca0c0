public import WebhookEvents

/// What an account has done on a UTC day that its webhooks' own counts do not show: registrations, and the deliveries of
/// webhooks that were deleted since.
///
/// A webhook that is registered takes over the count of one that was deleted, so that deleting and registering gives no new
/// day. Like ``DailyQuota``, the day never goes back.
public struct AccountDay: Sendable, Hashable {
    /// How many deleted webhooks are remembered: those with the highest counts.
    private static let maximumDeparted = 100

    /// The UTC day, in days since 1970-01-01.
    public private(set) var day: Int64
    /// How many webhooks were registered on that day.
    public private(set) var registrations: Int
    /// How many deliveries each deleted webhook had on that day, the highest count last.
    public private(set) var departed: [Int]

    /// Creates a day on which nothing has happened.
    public init() { (day, registrations, departed) = (.min, 0, []) }

    /// A webhook is registered.
    ///
    /// - Parameters:
    ///   - now: The store's time.
    ///   - limits: How many registrations a day has.
    /// - Returns: The day of the new webhook, with what a deleted one had used of it.
    /// - Throws: ``LimitError`` with code ``LimitError/Code/registrationsPerDay``.
    public mutating func register(at now: Timestamp, limits: WebhookLimits) throws(LimitError) -> DailyQuota {
        turn(to: now.utcDay)
        try limits.checkRegistrations(today: registrations, until: Timestamp(startOfUTCDay: day.saturatingNext))
        registrations += 1
        return departed.popLast().map { DailyQuota(day: day, used: $0) } ?? DailyQuota()
    }

    /// A webhook is deleted.
    ///
    /// - Parameters:
    ///   - quota: Its day.
    ///   - now: The store's time.
    public mutating func depart(_ quota: DailyQuota, at now: Timestamp) {
        turn(to: now.utcDay)
        let used = quota.used(at: now)
        guard used > 0 else { return }
        departed.append(used)
        departed.sort()
        if departed.count > Self.maximumDeparted { departed.removeFirst() }
    }

    private mutating func turn(to today: Int64) {
        if today > day {
            self = AccountDay()
            day = today
        } else if day > today.saturatingNext {
            // Written by a clock that was ahead: nothing is refilled, and tomorrow is free again.
            day = today
        }
    }
}

// The form that stores keep: a version, the day, the registrations, and a count for each deleted webhook.
extension AccountDay {
    /// The day as text for a store; empty while nothing has happened.
    public var encoded: String {
        if self == AccountDay() { return "" }
        return ([1, day, Int64(registrations)] + departed.map { Int64($0) }).map(String.init).joined(separator: " ")
    }

    /// Reads what ``encoded`` wrote.
    ///
    /// - Parameter text: The text; what cannot be read is a day on which nothing has happened.
    public init(encoded text: String) {
        self.init()
        let numbers = text.split(separator: " ").map { Int64($0) }
        guard numbers.count >= 3, numbers[0] == 1, let day = numbers[1], let registrations = numbers[2] else { return }
        self.day = day
        self.registrations = Int(min(max(registrations, 0), Int64(Int32.max)))
        departed = numbers.dropFirst(3).compactMap(\.self).map { Int(min(max($0, 0), Int64(Int32.max))) }
            .sorted().suffix(Self.maximumDeparted)
    }
}
