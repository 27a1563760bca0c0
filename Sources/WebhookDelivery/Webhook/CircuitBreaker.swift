public import WebhookEvents

/// When a circuit breaker opens, and for how long.
public struct BreakerPolicy: Sendable, Hashable {
    /// How many attempts in a row must fail, over all deliveries of a webhook.
    public var failures = 10
    /// The first break; each one after it that brings no success is twice as long.
    public var shortestBreak = Duration.seconds(10)
    /// The longest break.
    public var longestBreak = Duration.seconds(300)

    /// Creates the defaults.
    public init() {}
}

/// Keeps requests away from an endpoint that is down, and lets them come back slowly: a state machine without clock.
///
/// ```
/// closed ─ failures in a row ─▶ open ─ time ─▶ one probe ─ success ─▶ ramp: one more in flight for each success ─▶ closed
///                                ▲                │ failure              │ failure: half as many
///                                └─ twice as long ┴──── at a single one ─┘
/// ```
/// Waiting for it costs a delivery none of its retries.
public struct CircuitBreaker: Sendable, Hashable {
    /// How many attempts have failed in a row while closed.
    public private(set) var failures = 0
    /// How many breaks have brought no success.
    public private(set) var breaks = 0
    /// The end of the break; requests wait until then.
    public private(set) var pausedUntil: Timestamp?
    /// How many requests may be in flight after a break; `nil` when nothing holds them back.
    public private(set) var allowance: Int?

    /// Creates a closed breaker.
    public init() {}

    /// Creates a breaker from what a store has kept.
    ///
    /// - Parameters:
    ///   - failures: How many attempts have failed in a row.
    ///   - breaks: How many breaks have brought no success.
    ///   - pausedUntil: The end of the break.
    ///   - allowance: How many requests may be in flight.
    public init(failures: Int, breaks: Int, pausedUntil: Timestamp?, allowance: Int?) {
        let counts = 0...1_000_000
        self.failures = min(max(failures, counts.lowerBound), counts.upperBound)
        self.breaks = min(max(breaks, counts.lowerBound), counts.upperBound)
        self.pausedUntil = pausedUntil
        self.allowance = allowance.map { min(max($0, 1), counts.upperBound) }
    }

    /// The endpoint accepted an event.
    ///
    /// - Parameter cap: How many requests may be in flight when it is well.
    public mutating func attemptSucceeded(cap: Int) {
        (failures, breaks, pausedUntil) = (0, 0, nil)
        guard let allowance else { return }
        self.allowance = allowance + 1 < cap ? allowance + 1 : nil
    }

    /// The endpoint failed.
    ///
    /// - Parameters:
    ///   - now: The store's time.
    ///   - policy: When it opens.
    public mutating func attemptFailed(at now: Timestamp, policy: BreakerPolicy) {
        // Reports of attempts that were under way when the break began say nothing new.
        if let pausedUntil, now < pausedUntil { return }
        if let allowance, allowance > 1 {
            self.allowance = allowance / 2
            return
        }
        failures += 1
        guard allowance != nil || failures >= policy.failures else { return }
        let length = policy.shortestBreak * (1 << min(breaks, 20))
        breaks += 1
        (failures, pausedUntil, allowance) = (0, now + min(length, policy.longestBreak), 1)
    }

    /// The endpoint asked for time: when that is over, requests come back slowly.
    mutating func slowDown() { allowance = 1 }

    /// Its webhook was switched on again: requests come back slowly, beginning now.
    public mutating func ramp() { self = CircuitBreaker(failures: 0, breaks: 0, pausedUntil: nil, allowance: 1) }
}
