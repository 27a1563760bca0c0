public import WebhookEvents

/// How soon an endpoint has answered lately: it decides which part of a worker its requests may take.
///
/// An endpoint that takes seconds holds a slot for seconds. Slow endpoints together, whatever their number and whosever they
/// are, get a bounded part of a worker, and so do those of which nothing is known yet. The others go on beside them.
public struct EndpointPace: Sendable, Hashable {
    /// The classes, in the order of how much of a worker they may take.
    public enum Class: String, Sendable, Hashable, CaseIterable {
        /// A recent attempt took longer than ``quickAttempt``.
        case slow
        /// No attempt has ended since the webhook was registered, moved or enabled, and none was slow shortly before.
        case untried
        /// The attempts of late were quick, whether they succeeded or not.
        case quick
    }

    /// The longest attempt that counts as quick.
    public static let quickAttempt = Duration.seconds(1)
    /// The longest that a slow attempt is remembered.
    public static let longestMemory = Duration.seconds(300)

    /// How long an attempt is remembered as slow: ten times as long as it took, so that an endpoint that hangs now and then
    /// holds few slots meanwhile, and one that was late once is soon quick again.
    ///
    /// - Parameter duration: How long it took.
    /// - Returns: The time; zero for an attempt that was quick.
    public static func memory(of duration: Duration) -> Duration {
        duration > quickAttempt ? min(min(duration, longestMemory) * 10, longestMemory) : .zero
    }

    /// Until when the endpoint counts as slow, in the past for a quick one; `nil` while it is untried.
    public private(set) var slowUntil: Timestamp?

    /// Creates the pace of an endpoint that is untried, or what a store has kept.
    ///
    /// - Parameter slowUntil: Until when it counts as slow.
    public init(slowUntil: Timestamp? = nil) { self.slowUntil = slowUntil }

    /// The class of the endpoint.
    ///
    /// - Parameter now: The store's time.
    /// - Returns: The class.
    public func classification(at now: Timestamp) -> Class {
        guard let slowUntil else { return .untried }
        // A moment further off than any that is set was set by a clock that was ahead.
        return slowUntil > now && slowUntil <= now + Self.longestMemory ? .slow : .quick
    }

    /// An attempt ended.
    ///
    /// - Parameters:
    ///   - duration: How long it took.
    ///   - now: The store's time.
    public mutating func attemptEnded(after duration: Duration, at now: Timestamp) {
        let isSlow = classification(at: now) == .slow
        let memory = Self.memory(of: duration)
        if memory > .zero {
            slowUntil = max(now + memory, isSlow ? slowUntil ?? now : now)
        } else if !isSlow {
            // Written once, and again only after a slow time: a quick endpoint's row need not change for it.
            slowUntil = min(slowUntil ?? now, now)
        }
    }

    /// The webhook was moved or enabled: the endpoint is untried, unless it was slow a moment ago.
    ///
    /// Otherwise an account could change its URL after each slow attempt.
    ///
    /// - Parameter now: The store's time.
    public mutating func restart(at now: Timestamp) {
        if classification(at: now) != .slow { slowUntil = nil }
    }
}
