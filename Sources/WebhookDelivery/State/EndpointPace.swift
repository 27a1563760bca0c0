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
        /// No attempt has ended since the webhook was registered, moved or enabled.
        case untried
        /// The attempts of late were quick, whether they succeeded or not.
        case quick
    }

    /// The longest attempt that counts as quick.
    public static let quickAttempt = Duration.seconds(1)
    /// How long a slow attempt is remembered: an endpoint that is slow now and then stays in its class.
    public static let memory = Duration.seconds(300)

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
        return slowUntil > now && slowUntil <= now + Self.memory ? .slow : .quick
    }

    /// An attempt ended.
    ///
    /// - Parameters:
    ///   - duration: How long it took.
    ///   - now: The store's time.
    public mutating func attemptEnded(after duration: Duration, at now: Timestamp) {
        if duration > Self.quickAttempt {
            slowUntil = now + Self.memory
        } else if classification(at: now) != .slow {
            // Written once, and again only after a slow time: a quick endpoint's row need not change for it.
            slowUntil = min(slowUntil ?? now, now)
        }
    }
}
