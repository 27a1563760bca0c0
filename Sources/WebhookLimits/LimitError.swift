public import WebhookEvents

/// The limit that an operation reached or exceeded.
public struct LimitError: WebhookError, Hashable {
    /// The limits.
    @nonexhaustive
    public enum Code: String, Sendable, Hashable {
        /// The account has the maximum number of webhooks.
        case webhooksPerAccount = "webhook_limit_reached"
        /// The account has registered the maximum number of webhooks for today.
        case registrationsPerDay = "registration_limit_reached"
        /// The webhook's daily quota is exhausted.
        case deliveriesPerDay = "daily_limit_reached"
        /// Too many requests are in flight, too many histories are being read, or the webhook's rate is reached.
        case requestsInFlight = "too_many_requests"
        /// The body is too large.
        case bodyBytes = "payload_too_large"
        /// The timeout is too short or too long.
        case timeout = "invalid_timeout"
        /// The webhook has too many open deliveries.
        case openDeliveriesPerWebhook = "backlog_full"
        /// The account has the maximum number of running replays.
        case runningReplaysPerAccount = "replay_limit_reached"
    }

    /// The limit.
    public let code: Code
    /// What is wrong.
    public let message: String
    /// What to do about it.
    public let hint: String
    /// When to try again; `nil` if waiting does not help.
    public let retryAt: Timestamp?

    init(_ code: Code, _ message: String, hint: String, retryAt: Timestamp? = nil) {
        self.code = code
        self.message = message
        self.hint = hint
        self.retryAt = retryAt
    }
}
