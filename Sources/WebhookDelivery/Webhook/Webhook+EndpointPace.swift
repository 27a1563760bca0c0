public import WebhookEvents

extension Webhook {
    /// How quickly an endpoint has responded recently, which decides how much of a worker its requests may use.
    ///
    /// An endpoint that takes seconds to respond occupies a slot for seconds. All slow endpoints together get a limited
    /// part of a worker, regardless of their number and their accounts, and so do untried endpoints. Other endpoints
    /// are not affected.
    public struct EndpointPace: Sendable, Hashable {
        /// The classes of endpoints, ordered by how much of a worker they may use.
        public enum Class: String, Sendable, Hashable, CaseIterable {
            /// A recent attempt took longer than ``quickAttempt``.
            case slow
            /// No attempt has ended since the webhook was registered, moved or enabled, and none was slow just before that.
            case untried
            /// The recent attempts were quick, whether they succeeded or not.
            case quick
        }

        /// The longest attempt that counts as quick.
        public static let quickAttempt = Duration.seconds(1)
        /// The longest time for which a slow attempt is remembered.
        public static let longestMemory = Duration.seconds(300)

        /// Returns how long an attempt is remembered as slow: ten times its duration.
        ///
        /// So an endpoint that sometimes hangs uses few slots, and one that was slow once is soon quick again.
        ///
        /// - Parameter duration: How long the attempt took.
        /// - Returns: The time; zero for a quick attempt.
        public static func memory(of duration: Duration) -> Duration {
            duration > quickAttempt ? min(min(duration, longestMemory) * 10, longestMemory) : .zero
        }

        /// Until when the endpoint counts as slow, in the past for a quick one; `nil` while it is untried.
        public private(set) var slowUntil: Timestamp?

        /// Creates the pace of an untried endpoint, or restores one from a store.
        ///
        /// - Parameter slowUntil: Until when the endpoint counts as slow.
        public init(slowUntil: Timestamp? = nil) { self.slowUntil = slowUntil }

        /// Returns the class of the endpoint.
        ///
        /// - Parameter now: The store's time.
        /// - Returns: The class.
        public func classification(now: Timestamp) -> Class {
            guard let slowUntil else { return .untried }
            // A time further ahead than any that is set comes from a clock that was fast.
            return slowUntil > now && slowUntil <= now + Self.longestMemory ? .slow : .quick
        }

        /// Records that an attempt ended.
        ///
        /// - Parameters:
        ///   - duration: How long the attempt took.
        ///   - now: The store's time.
        public mutating func attemptEnded(after duration: Duration, now: Timestamp) {
            let isSlow = classification(now: now) == .slow
            let memory = Self.memory(of: duration)
            if memory > .zero {
                slowUntil = max(now + memory, isSlow ? slowUntil ?? now : now)
            } else if !isSlow {
                // Set once, and again only after a slow period, so that the row of a quick endpoint need not change.
                slowUntil = min(slowUntil ?? now, now)
            }
        }

        /// Makes the endpoint untried after its webhook was moved or enabled, unless it is slow.
        ///
        /// Otherwise an account could reset the pace by changing its URL after each slow attempt.
        ///
        /// - Parameter now: The store's time.
        public mutating func restart(now: Timestamp) {
            if classification(now: now) != .slow { slowUntil = nil }
        }
    }
}
