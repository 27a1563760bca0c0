public import WebhookEvents

extension RetryPolicy {
    /// The planned time of one attempt, if all earlier attempts fail.
    public struct PlannedAttempt: Sendable, Hashable {
        /// The number of the attempt, counted from 1.
        public let number: Int
        /// The earliest time: every earlier attempt failed immediately, and jitter added nothing.
        public let earliest: Timestamp
        /// The latest time under the schedule alone: every earlier attempt took its full timeout, and jitter added its
        /// maximum.
        ///
        /// `Retry-After`, a limit or an outage of the sender can delay the attempt further.
        public let latest: Timestamp
    }
}

extension RetryPolicy {
    /// Returns the planned time of each attempt, if all earlier attempts fail.
    ///
    /// - Parameters:
    ///   - moment: The time at which the first of these attempts begins.
    ///   - number: The number of the first of these attempts, counted from 1.
    ///   - timeout: The maximum duration of one attempt.
    /// - Returns: The attempts from `number` on, in order; empty if the schedule has no such attempt.
    public func plan(
        from moment: Timestamp, startingWith number: Int = 1, timeout: Duration = .zero
    ) -> [RetryPolicy.PlannedAttempt] {
        guard (1...maximumAttempts).contains(number) else { return [] }
        var attempts = [RetryPolicy.PlannedAttempt(number: number, earliest: moment, latest: moment)]
        for (index, wait) in schedule.enumerated().dropFirst(number - 1) {
            let previous = attempts[attempts.count - 1]
            attempts.append(
                RetryPolicy.PlannedAttempt(
                    number: index + 2, earliest: previous.earliest + wait,
                    latest: previous.latest + timeout + wait + wait * jitter))
        }
        return attempts
    }
}
