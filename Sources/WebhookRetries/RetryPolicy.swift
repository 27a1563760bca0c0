/// When a failed delivery is tried again.
///
/// Waits count from the end of the attempt before. Jitter and `Retry-After` only lengthen them, so the planned times are
/// the earliest ones.
public struct RetryPolicy: Sendable, Hashable {
    /// The most retries a schedule may have.
    public static let maximumRetries = 24
    /// The shortest and the longest wait between two attempts: 1 second and 7 days.
    public static let delayRange: ClosedRange<Duration> = .seconds(1) ... .seconds(7 * 86_400)
    /// The most that jitter may add: a tenth of the wait.
    public static let maximumJitter = 0.1
    /// The longest wait that a `Retry-After` can ask for, unless said otherwise: 6 hours, the longest documented wait.
    public static let standardRetryAfterCap = Duration.seconds(21_600)

    /// The wait before each retry, in order; the number of attempts is one more.
    public let schedule: [Duration]
    /// The most that is added to a wait, as a share of it, 0 to ``maximumJitter``.
    public let jitter: Double
    /// The longest wait that a `Retry-After` can ask for.
    public let retryAfterCap: Duration

    /// Creates a policy of one's own.
    ///
    /// - Parameters:
    ///   - schedule: The wait before each retry, at most ``maximumRetries`` of them, each within ``delayRange``; an empty
    ///     schedule makes one attempt.
    ///   - jitter: The most that is added to a wait, as a share of it, 0 to ``maximumJitter``.
    ///   - retryAfterCap: The longest wait that a `Retry-After` can ask for, up to the longest of ``delayRange``.
    /// - Throws: ``RetryPolicyError`` for anything beyond these bounds.
    public init(
        schedule: [Duration], jitter: Double = maximumJitter, retryAfterCap: Duration = standardRetryAfterCap
    ) throws(RetryPolicyError) {
        guard schedule.count <= Self.maximumRetries else { throw .tooManyRetries(schedule.count) }
        for (index, delay) in schedule.enumerated() where !Self.delayRange.contains(delay) {
            throw .delayOutOfRange(retry: index + 1)
        }
        guard (0...Self.maximumJitter).contains(jitter) else { throw .jitterOutOfRange }
        guard (.zero...Self.delayRange.upperBound).contains(retryAfterCap) else { throw .retryAfterCapOutOfRange }
        self.init(clamping: schedule, jitter: jitter, retryAfterCap: retryAfterCap)
    }

    /// Creates a policy from values that nobody can be told about, such as those that a store has kept: what lies beyond
    /// the bounds is brought inside them, and waits may be shorter than those of ``delayRange``.
    ///
    /// - Parameters:
    ///   - schedule: The wait before each retry.
    ///   - jitter: The most that is added to a wait, as a share of it.
    ///   - retryAfterCap: The longest wait that a `Retry-After` can ask for.
    public init(
        clamping schedule: [Duration], jitter: Double = maximumJitter, retryAfterCap: Duration = standardRetryAfterCap
    ) {
        self.schedule = schedule.prefix(Self.maximumRetries).map { Self.bounded($0) }
        self.jitter = jitter.isFinite ? min(max(jitter, 0), Self.maximumJitter) : 0
        self.retryAfterCap = Self.bounded(retryAfterCap)
    }

    /// The number of attempts a delivery gets, the first one included.
    public var maximumAttempts: Int { schedule.count + 1 }

    /// The same policy with every wait divided, for demonstrations and tests.
    ///
    /// - Parameter factor: How many times faster; at least 1.
    /// - Returns: The faster policy.
    public func accelerated(by factor: Int) -> RetryPolicy {
        let factor = max(1, factor)
        return RetryPolicy(
            clamping: schedule.map { $0 / factor }, jitter: jitter, retryAfterCap: retryAfterCap / factor)
    }

    private static func bounded(_ duration: Duration) -> Duration {
        min(max(duration, .zero), delayRange.upperBound)
    }
}

extension RetryPolicy {
    /// The documented schedule: at once, then after 5 s, 30 s, 5 min, 1 h and 6 h.
    ///
    /// Six attempts over 7 h 05 min 35 s.
    ///
    /// Source: the product page, "Retry Policy".
    public static let documented = RetryPolicy(clamping: [5, 30, 300, 3600, 21_600].map { .seconds($0) })

    /// Ten attempts over 3 days and 3.6 hours, for endpoints that may be down over a weekend.
    ///
    /// Source: Standard Webhooks, "Deliverability and reliability".
    public static let threeDays = RetryPolicy(
        clamping: [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400].map { .seconds($0) })

    /// Five attempts over a minute and a half, for endpoints whose events are soon of no use.
    public static let quick = RetryPolicy(clamping: [1, 5, 20, 60].map { .seconds($0) })
}

/// Why a retry policy is not possible.
public struct RetryPolicyError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kinds of refusal.
    @nonexhaustive
    public enum Code: String, Sendable, Hashable {
        /// The schedule has more retries than are possible.
        case tooManyRetries = "too_many_retries"
        /// A wait is too short or too long.
        case delayOutOfRange = "delay_out_of_range"
        /// The jitter is no share that is possible.
        case jitterOutOfRange = "jitter_out_of_range"
        /// The longest wait for a `Retry-After` is negative or too long.
        case retryAfterCapOutOfRange = "retry_after_cap_out_of_range"
    }

    /// What kind of refusal it is.
    public let code: Code
    /// What is wrong.
    public let message: String
    /// What to do about it.
    public let hint: String

    /// The refusal with its hint.
    public var description: String { "\(message) (\(code.rawValue)). \(hint)" }

    static func tooManyRetries(_ count: Int) -> RetryPolicyError {
        RetryPolicyError(
            code: .tooManyRetries, message: "The schedule has \(count) retries",
            hint: "At most \(RetryPolicy.maximumRetries) are possible.")
    }

    static func delayOutOfRange(retry: Int) -> RetryPolicyError {
        RetryPolicyError(
            code: .delayOutOfRange, message: "The wait before retry \(retry) is too short or too long",
            hint: "Waits last from 1 second to 7 days.")
    }

    static var jitterOutOfRange: RetryPolicyError {
        RetryPolicyError(
            code: .jitterOutOfRange, message: "The jitter is no share from 0 to \(RetryPolicy.maximumJitter)",
            hint: "Jitter only lengthens waits, by a tenth at most.")
    }

    static var retryAfterCapOutOfRange: RetryPolicyError {
        RetryPolicyError(
            code: .retryAfterCapOutOfRange, message: "The longest wait for a Retry-After is negative or over 7 days",
            hint: "6 hours are the default; 0 ignores Retry-After.")
    }
}
