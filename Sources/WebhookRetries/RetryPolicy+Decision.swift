extension RetryPolicy {
    /// Decides what follows an attempt.
    ///
    /// - Parameters:
    ///   - outcome: How the attempt ended.
    ///   - attempt: The attempt's number, counting from 1; any number is safe.
    ///   - generator: Where jitter comes from.
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
        // No failure without a response, and no other status, can ask for time.
        guard outcome.kind == .throttled, case .response(_, let asked?) = outcome else {
            return .retry(after: lengthened)
        }
        return .retry(after: max(lengthened, min(asked, retryAfterCap)))
    }
}

/// What follows an attempt.
public enum RetryDecision: Sendable, Hashable {
    /// The event is delivered.
    case succeed
    /// Try again, this long after the end of the attempt.
    case retry(after: Duration)
    /// Stop trying.
    case giveUp(GiveUpReason)

    /// Whether the delivery ends with it.
    public var isFinal: Bool { if case .retry = self { false } else { true } }
}

/// Why a delivery is not tried again.
public enum GiveUpReason: String, Sendable, Hashable, Codable {
    /// All attempts of the schedule failed.
    case exhausted
    /// The endpoint answered 410: it is gone, and its webhook is disabled.
    case gone
}
