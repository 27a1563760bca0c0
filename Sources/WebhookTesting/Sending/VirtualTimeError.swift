public import WebhookEvents

/// The reason why a run in virtual time failed.
public struct VirtualTimeError: WebhookError, Hashable {
    /// The kinds of errors.
    @nonexhaustive
    public enum Code: String, Sendable, Hashable {
        /// No task sleeps on the clock, so the condition cannot be reached.
        case stalled
        /// The condition did not hold within the limit.
        case limitReached = "limit_reached"
        /// A request or the store waits for something other than the clock.
        case busy
    }

    /// The kind of error.
    public let code: Code
    /// What is wrong.
    public let message: String
    /// What to do about it.
    public let hint: String

    static var stalled: VirtualTimeError {
        VirtualTimeError(
            code: .stalled, message: "The condition does not hold, and no task sleeps on the clock",
            hint: "Check that the service, its store and its transport use this clock, and that the webhook is active.")
    }

    static func limitReached(_ limit: Duration) -> VirtualTimeError {
        VirtualTimeError(
            code: .limitReached, message: "The condition did not hold within \(limit) of virtual time",
            hint: "Check the condition, and `service.explain` for the delivery; or raise the limit.")
    }

    static var busy: VirtualTimeError {
        VirtualTimeError(
            code: .busy,
            message:
                "The service does not come to rest: a request or the store waits for something other than the clock",
            hint: "Let the transport's script respond immediately, or sleep on this clock; use an in-memory store.")
    }
}
