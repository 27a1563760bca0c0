public import WebhookEvents

extension HealthPolicy {
    /// The policy of a circuit breaker: when it opens, and for how long.
    public struct BreakerPolicy: Sendable, Hashable {
        /// How many attempts in a row must fail, across all deliveries of a webhook.
        public var failures = 10
        /// The length of the first break; each further break without a success is twice as long.
        public var shortestBreak = Duration.seconds(10)
        /// The longest break.
        public var longestBreak = Duration.seconds(300)

        /// Creates a policy with default values.
        public init() {}
    }
}

extension Webhook {
    /// A circuit breaker: a state machine without clock that pauses requests to a failing endpoint and resumes them slowly.
    ///
    /// ```
    /// closed ─ failures in a row ─▶ open ─ time ─▶ one probe ─ success ─▶ ramp: one more in flight for each success ─▶ closed
    ///                                ▲                │ failure              │ failure: half as many
    ///                                └─ twice as long ┴──── at a single one ─┘
    /// ```
    /// Waiting for the breaker uses up no attempt of a delivery.
    public struct CircuitBreaker: Sendable, Hashable {
        /// How many attempts have failed in a row while the breaker was closed.
        public private(set) var failures = 0
        /// How many breaks in a row ended without a success.
        public private(set) var breaks = 0
        /// The end of the break; requests wait until then.
        public private(set) var pausedUntil: Timestamp?
        /// How many requests may be in flight while the breaker ramps up after a break; `nil` if it does not limit them.
        public private(set) var allowance: Int?

        /// Creates a closed breaker.
        public init() {}

        /// Restores a breaker from a store.
        ///
        /// - Parameters:
        ///   - failures: How many attempts have failed in a row.
        ///   - breaks: How many breaks in a row ended without a success.
        ///   - pausedUntil: The end of the break.
        ///   - allowance: How many requests may be in flight; `nil` if the breaker does not limit them.
        public init(failures: Int, breaks: Int, pausedUntil: Timestamp?, allowance: Int?) {
            let counts = 0...1_000_000
            self.failures = min(max(failures, counts.lowerBound), counts.upperBound)
            self.breaks = min(max(breaks, counts.lowerBound), counts.upperBound)
            self.pausedUntil = pausedUntil
            self.allowance = allowance.map { min(max($0, 1), counts.upperBound) }
        }

        /// Records that the endpoint accepted an event.
        ///
        /// - Parameter cap: How many requests may be in flight when the breaker does not limit them.
        public mutating func attemptSucceeded(cap: Int) {
            (failures, breaks, pausedUntil) = (0, 0, nil)
            guard let allowance else { return }
            self.allowance = allowance + 1 < cap ? allowance + 1 : nil
        }

        /// Records that the endpoint failed.
        ///
        /// - Parameters:
        ///   - now: The store's time.
        ///   - policy: When the breaker opens.
        public mutating func attemptFailed(now: Timestamp, policy: HealthPolicy.BreakerPolicy) {
            // Attempts that were in flight when the break began provide no new information.
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

        /// Records that the endpoint sent `Retry-After`: after that wait, the breaker ramps up slowly.
        mutating func slowDown() { allowance = 1 }

        /// Records that the webhook was enabled: the breaker ramps up slowly, starting now.
        public mutating func ramp() {
            self = Webhook.CircuitBreaker(failures: 0, breaks: 0, pausedUntil: nil, allowance: 1)
        }
    }
}
