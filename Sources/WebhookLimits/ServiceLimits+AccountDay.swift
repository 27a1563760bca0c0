public import WebhookEvents

extension ServiceLimits {
    /// An account's counts for one UTC day beyond its current webhooks: registrations, and deliveries of deleted webhooks.
    ///
    /// A new webhook takes over the delivery count of a deleted one, so deleting and registering again does not reset the
    /// daily quota. Like ``DailyQuota``, the day never goes back.
    public struct AccountDay: Sendable, Hashable {
        /// The maximum number of deleted webhooks to remember; those with the highest counts are kept.
        private static let maximumDeparted = 100

        /// The UTC day, in days since 1970-01-01.
        public private(set) var day: Int64
        /// The number of webhooks registered on that day.
        public private(set) var registrations: Int
        /// The number of deliveries that each deleted webhook was charged on that day, the highest last.
        public private(set) var departed: [Int]

        /// Creates a day without registrations and deleted webhooks.
        public init() { (day, registrations, departed) = (.min, 0, []) }

        /// Counts a registration.
        ///
        /// - Parameters:
        ///   - now: The store's time.
        ///   - limits: The limits, which include the maximum number of registrations per day.
        /// - Returns: The daily quota of the new webhook, charged with the deliveries of a deleted one.
        /// - Throws: ``LimitError`` with code ``LimitError/Code/registrationsPerDay``.
        public mutating func register(now: Timestamp, limits: ServiceLimits) throws(LimitError) -> DailyQuota {
            turn(to: now.utcDay)
            try limits.checkRegistrations(today: registrations, until: Timestamp(startOfUTCDay: day.saturatingNext))
            registrations += 1
            return departed.popLast().map { DailyQuota(day: day, used: $0) } ?? DailyQuota()
        }

        /// Records the deliveries of a webhook that is deleted.
        ///
        /// - Parameters:
        ///   - quota: The webhook's daily quota.
        ///   - now: The store's time.
        public mutating func depart(_ quota: DailyQuota, now: Timestamp) {
            turn(to: now.utcDay)
            let used = quota.used(now: now)
            guard used > 0 else { return }
            departed.append(used)
            departed.sort()
            if departed.count > Self.maximumDeparted { departed.removeFirst() }
        }

        private mutating func turn(to today: Int64) {
            if today > day {
                self = ServiceLimits.AccountDay()
                day = today
            } else if day > today.saturatingNext {
                // A clock that was ahead wrote this day. It counts as today: the counts stay until tomorrow.
                day = today
            }
        }
    }
}

// The stored form: a version, the day, the number of registrations, and a count for each deleted webhook.
extension ServiceLimits.AccountDay: StoredForm {
    /// The day as text for a store; empty if there is nothing to store.
    public var stored: String {
        if self == ServiceLimits.AccountDay() { return "" }
        return ([1, day, Int64(registrations)] + departed.map { Int64($0) }).map(String.init).joined(separator: " ")
    }

    /// Decodes the text of ``stored``.
    ///
    /// - Parameter text: The text; an unreadable one yields an empty day.
    public init(stored text: String) {
        self.init()
        let numbers = text.split(separator: " ").map { Int64($0) }
        guard numbers.count >= 3, numbers[0] == 1, let day = numbers[1], let registrations = numbers[2] else { return }
        self.day = day
        self.registrations = Int(min(max(registrations, 0), Int64(Int32.max)))
        departed = numbers.dropFirst(3).compactMap(\.self).map { Int(min(max($0, 0), Int64(Int32.max))) }
            .sorted().suffix(Self.maximumDeparted)
    }
}
