extension RetryPolicy {
    /// Returns what to do after an attempt.
    ///
    /// - Parameters:
    ///   - outcome: The outcome of the attempt.
    ///   - attempt: The number of the attempt, counted from 1; any number is safe.
    ///   - generator: The source of randomness for jitter.
    /// - Returns: What to do with the delivery.
    public func decision(
        after outcome: AttemptOutcome, attempt: Int, using generator: inout some RandomNumberGenerator
    ) -> RetryDecision {
        switch outcome.kind {
        case .success: return .succeed
        case .gone: return .giveUp(.gone)
        default: break
        }
        guard attempt >= 1, attempt <= schedule.count else { return .giveUp(.exhausted) }
        let nominal = schedule[attempt - 1]
        let lengthened = nominal + nominal * Double.random(in: 0...jitter, using: &generator)
        // Only a response with status 429 or 503 can request a longer wait.
        guard outcome.kind == .throttled, case .response(_, let asked?) = outcome else {
            return .retry(after: lengthened)
        }
        return .retry(after: max(lengthened, min(asked, retryAfterCap)))
    }
}

/// The decision about a delivery after an attempt.
public enum RetryDecision: Sendable, Hashable {
    /// The event is delivered.
    case succeed
    /// Retry this long after the end of the attempt.
    case retry(after: Duration)
    /// Make no more attempts.
    case giveUp(RetryDecision.GiveUpReason)

    /// Whether the decision ends the delivery.
    public var isFinal: Bool { if case .retry = self { false } else { true } }
}

extension RetryDecision {
    /// The reason why a delivery is not retried.
    public enum GiveUpReason: String, Sendable, Hashable, Codable {
        /// All attempts of the schedule failed.
        case exhausted
        /// The endpoint responded with 410, so its webhook is disabled.
        case gone
        /// The endpoint asked for no further attempts.
        case aborted
    }
}
