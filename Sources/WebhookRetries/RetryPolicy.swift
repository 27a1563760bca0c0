public import WebhookEvents

/// A policy for retrying failed deliveries.
///
/// Each wait starts at the end of the previous attempt. Jitter and `Retry-After` only lengthen waits, so the scheduled
/// times are the earliest possible ones.
public struct RetryPolicy: Sendable, Hashable {
    /// The maximum number of retries in a schedule.
    public static let maximumRetries = 24
    /// The shortest and the longest wait between two attempts: 1 second and 7 days.
    public static let delayRange: ClosedRange<Duration> = .seconds(1) ... .seconds(7 * 86_400)
    /// The maximum jitter: a tenth of the wait.
    public static let maximumJitter = 0.1
    /// The default for the longest wait that a `Retry-After` can request: 6 hours, the longest documented wait.
    public static let defaultRetryAfterCap = Duration.seconds(21_600)

    /// The wait before each retry, in order; the number of attempts is one more.
    public let schedule: [Duration]
    /// The most that is added to a wait, as a fraction of the wait from 0 to ``maximumJitter``.
    public let jitter: Double
    /// The longest wait that a `Retry-After` can request.
    public let retryAfterCap: Duration

    /// Creates a custom policy.
    ///
    /// - Parameters:
    ///   - schedule: The wait before each retry, at most ``maximumRetries`` of them, each within ``delayRange``; an
    ///     empty schedule makes one attempt.
    ///   - jitter: The most that is added to a wait, as a fraction of the wait from 0 to ``maximumJitter``.
    ///   - retryAfterCap: The longest wait that a `Retry-After` can request, at most the upper bound of ``delayRange``.
    /// - Throws: ``RetryPolicyError`` if a value is out of these bounds.
    public init(
        schedule: [Duration], jitter: Double = maximumJitter, retryAfterCap: Duration = defaultRetryAfterCap
    ) throws(RetryPolicyError) {
        guard schedule.count <= Self.maximumRetries else { throw .tooManyRetries(schedule.count) }
        for (index, delay) in schedule.enumerated() where !Self.delayRange.contains(delay) {
            throw .delayOutOfRange(retry: index + 1)
        }
        guard (0...Self.maximumJitter).contains(jitter) else { throw .jitterOutOfRange }
        guard (.zero...Self.delayRange.upperBound).contains(retryAfterCap) else { throw .retryAfterCapOutOfRange }
        self.init(clamping: schedule, jitter: jitter, retryAfterCap: retryAfterCap)
    }

    /// Creates a policy by clamping values to their bounds, for values that cannot be rejected, such as stored ones.
    ///
    /// Waits may be shorter than ``delayRange`` allows.
    ///
    /// - Parameters:
    ///   - schedule: The wait before each retry.
    ///   - jitter: The most that is added to a wait, as a fraction of the wait.
    ///   - retryAfterCap: The longest wait that a `Retry-After` can request.
    public init(
        clamping schedule: [Duration], jitter: Double = maximumJitter, retryAfterCap: Duration = defaultRetryAfterCap
    ) {
        self.schedule = schedule.prefix(Self.maximumRetries).map { Self.bounded($0) }
        self.jitter = jitter.isFinite ? min(max(jitter, 0), Self.maximumJitter) : 0
        self.retryAfterCap = Self.bounded(retryAfterCap)
    }

    /// The maximum number of attempts of a delivery, including the first one.
    public var maximumAttempts: Int { schedule.count + 1 }

    /// Returns the policy with every wait divided by a factor, for demonstrations and tests.
    ///
    /// - Parameter factor: The divisor; values below 1 count as 1.
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
    /// The documented schedule: immediately, then after 5 s, 30 s, 5 min, 1 h and 6 h.
    ///
    /// Six attempts over 7 h 05 min 35 s.
    ///
    /// Source: the product page, "Retry Policy".
    public static let standard = RetryPolicy(clamping: [5, 30, 300, 3600, 21_600].map { .seconds($0) })

    /// Ten attempts over 3 days and 3.6 hours, for endpoints that may be down over a weekend.
    ///
    /// Source: Standard Webhooks, "Deliverability and reliability".
    public static let threeDays = RetryPolicy(
        clamping: [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400].map { .seconds($0) })

    /// Five attempts over a minute and a half, for events that soon lose their value.
    public static let quick = RetryPolicy(clamping: [1, 5, 20, 60].map { .seconds($0) })
}

/// An error in the values of a retry policy.
public struct RetryPolicyError: WebhookError, Hashable {
    /// The error codes.
    @nonexhaustive
    public enum Code: String, Sendable, Hashable {
        /// The schedule has too many retries.
        case tooManyRetries = "too_many_retries"
        /// A wait is too short or too long.
        case delayOutOfRange = "delay_out_of_range"
        /// The jitter is out of range.
        case jitterOutOfRange = "jitter_out_of_range"
        /// The longest wait for a `Retry-After` is out of range.
        case retryAfterCapOutOfRange = "retry_after_cap_out_of_range"
    }

    /// The error code.
    public let code: Code
    /// A description of the problem.
    public let message: String
    /// A suggestion for fixing the problem.
    public let hint: String

    static func tooManyRetries(_ count: Int) -> RetryPolicyError {
        RetryPolicyError(
            code: .tooManyRetries, message: "The schedule has \(count) retries",
            hint: "Use at most \(RetryPolicy.maximumRetries) retries.")
    }

    static func delayOutOfRange(retry: Int) -> RetryPolicyError {
        RetryPolicyError(
            code: .delayOutOfRange, message: "The wait before retry \(retry) is out of range",
            hint: "Use a wait from 1 second to 7 days.")
    }

    static var jitterOutOfRange: RetryPolicyError {
        RetryPolicyError(
            code: .jitterOutOfRange, message: "The jitter must be between 0 and \(RetryPolicy.maximumJitter)",
            hint: "Jitter lengthens each wait by up to this fraction; use 0 to disable it.")
    }

    static var retryAfterCapOutOfRange: RetryPolicyError {
        RetryPolicyError(
            code: .retryAfterCapOutOfRange, message: "The Retry-After cap must be between 0 and 7 days",
            hint: "The default is 6 hours; use 0 to ignore Retry-After.")
    }
}
