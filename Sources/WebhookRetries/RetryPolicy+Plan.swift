public import WebhookEvents

/// When one attempt of a schedule is made, if all before it fail.
public struct PlannedAttempt: Sendable, Hashable {
    /// Counts the attempts from 1.
    public let number: Int
    /// The earliest moment: every attempt before it failed at once, and jitter added nothing.
    public let earliest: Timestamp
    /// The latest moment that the schedule itself can lead to: every attempt before it took its whole time, and jitter
    /// added all it may.
    ///
    /// `Retry-After`, a limit or an outage of the sender can delay it further.
    public let latest: Timestamp
}

extension RetryPolicy {
    /// Previews a schedule: when each attempt is made if all before it fail.
    ///
    /// - Parameters:
    ///   - moment: When the first of the attempts begins.
    ///   - number: Which attempt begins then, counting from 1.
    ///   - timeout: How long one attempt may take.
    /// - Returns: The attempts from that one on, in order; none when the schedule has no such attempt.
    public func plan(
        from moment: Timestamp, startingWith number: Int = 1, timeout: Duration = .zero
    ) -> [PlannedAttempt] {
        guard (1...maximumAttempts).contains(number) else { return [] }
        var attempts = [PlannedAttempt(number: number, earliest: moment, latest: moment)]
        for (index, wait) in schedule.enumerated().dropFirst(number - 1) {
            let previous = attempts[attempts.count - 1]
            attempts.append(
                PlannedAttempt(
                    number: index + 2, earliest: previous.earliest + wait,
                    latest: previous.latest + timeout + wait + wait * jitter))
        }
        return attempts
    }
}
