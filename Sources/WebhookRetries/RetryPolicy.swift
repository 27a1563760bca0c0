/// When a failed delivery is tried again.
///
/// Waits count from the end of the attempt before. Jitter and `Retry-After` only lengthen them, so the documented times
/// are the earliest ones.
public struct RetryPolicy: Sendable, Hashable {
    /// The most retries a schedule may have.
    public static let maximumRetries = 24
    /// The longest wait between two attempts: 7 days.
    public static let maximumDelay = Duration.seconds(7 * 86_400)
    /// The most that jitter may add: a tenth of the wait.
    public static let maximumJitter = 0.1

    /// The wait before each retry, in order; the number of attempts is one more.
    public let schedule: [Duration]
    /// The most that is added to a wait, as a share of it, 0 to ``maximumJitter``.
    public let jitter: Double
    /// The longest wait that a `Retry-After` can ask for.
    public let retryAfterCap: Duration

    /// Creates a policy; values beyond the bounds are brought inside them.
    ///
    /// - Parameters:
    ///   - schedule: The wait before each retry, at most ``maximumRetries``, each at most ``maximumDelay``.
    ///   - jitter: The most that is added to a wait, as a share of it.
    ///   - retryAfterCap: The longest wait that a `Retry-After` can ask for; 6 hours, the longest documented wait.
    public init(schedule: [Duration], jitter: Double = 0.1, retryAfterCap: Duration = .seconds(21_600)) {
        self.schedule = schedule.prefix(Self.maximumRetries).map { Self.bounded($0) }
        self.jitter = jitter.isFinite ? min(max(jitter, 0), Self.maximumJitter) : 0
        self.retryAfterCap = Self.bounded(retryAfterCap)
    }

    /// The documented schedule: at once, then after 5 s, 30 s, 5 min, 1 h and 6 h.
    ///
    /// Six attempts over 7 h 05 min 35 s.
    ///
    /// Source: the product page, "Retry Policy".
    public static let documented = RetryPolicy(
        schedule: [.seconds(5), .seconds(30), .seconds(300), .seconds(3600), .seconds(21_600)])

    /// The number of attempts a delivery gets, the first one included.
    public var maximumAttempts: Int { schedule.count + 1 }

    /// The same policy with every wait divided, for demonstrations and tests.
    ///
    /// - Parameter factor: How many times faster; at least 1.
    /// - Returns: The faster policy.
    public func accelerated(by factor: Int) -> RetryPolicy {
        let factor = max(1, factor)
        return RetryPolicy(
            schedule: schedule.map { $0 / factor }, jitter: jitter, retryAfterCap: retryAfterCap / factor)
    }

    private static func bounded(_ duration: Duration) -> Duration { min(max(duration, .zero), maximumDelay) }
}

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
        switch outcome {
        case _ where outcome.isSuccess: return .succeed
        case .response(410, _): return .giveUp(.gone)
        case .response(let status, let retryAfter):
            let honoured = status == 429 || status == 503 ? retryAfter : nil
            return retry(after: attempt, asked: honoured, using: &generator)
        case .failure: return retry(after: attempt, asked: nil, using: &generator)
        }
    }

    private func retry(
        after attempt: Int, asked: Duration?, using generator: inout some RandomNumberGenerator
    ) -> RetryDecision {
        guard attempt >= 1, attempt <= schedule.count else { return .giveUp(.exhausted) }
        let nominal = schedule[attempt - 1]
        let lengthened = nominal + nominal * Double.random(in: 0...jitter, using: &generator)
        return .retry(after: max(lengthened, min(asked ?? .zero, retryAfterCap)))
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
}

/// Why a delivery is not tried again.
public enum GiveUpReason: String, Sendable, Hashable, Codable {
    /// All attempts of the schedule failed.
    case exhausted
    /// The endpoint answered 410: it is gone, and its webhook is disabled.
    case gone
}
