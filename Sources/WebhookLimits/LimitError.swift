public import WebhookEvents

/// Which limit something is beyond.
public struct LimitError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The limits.
    @nonexhaustive
    public enum Code: String, Sendable, Hashable {
        /// The account has all the webhooks it may have.
        case webhooksPerAccount = "webhook_limit_reached"
        /// The account has registered all the webhooks that it may register today.
        case registrationsPerDay = "registration_limit_reached"
        /// The webhook has had all the deliveries that it may have today.
        case deliveriesPerDay = "daily_limit_reached"
        /// As many requests are in flight, or histories are read, as may be, or the rate allows none now.
        case requestsInFlight = "too_many_requests"
        /// The body is too large.
        case bodyBytes = "payload_too_large"
        /// The timeout is too short or too long.
        case timeout = "invalid_timeout"
        /// Too many deliveries wait for the webhook.
        case openDeliveriesPerWebhook = "backlog_full"
        /// As many recoveries of the account are running as may run at once.
        case runningRecoveriesPerAccount = "recovery_limit_reached"
    }

    /// Which limit it is.
    public let code: Code
    /// What is wrong.
    public let message: String
    /// What to do about it.
    public let hint: String
    /// When there is more of it, for limits that begin anew.
    public let availableAgain: Timestamp?

    init(_ code: Code, _ message: String, hint: String, availableAgain: Timestamp? = nil) {
        self.code = code
        self.message = message
        self.hint = hint
        self.availableAgain = availableAgain
    }

    /// The refusal with its hint.
    public var description: String { "\(message) (\(code.rawValue)). \(hint)" }
}
