public import WebhookEvents

/// An error of the delivery engine.
public struct DeliveryError: WebhookError, Hashable {
    /// The kinds of errors.
    @nonexhaustive
    public enum Code: String, Sendable, Hashable {
        /// The webhook subscribes to no event type, so it would never receive an event.
        case noEvents = "no_events"
        /// An event with the same identifier but other bytes exists.
        case eventConflict = "event_conflict"
        /// The dispatcher is already running.
        case alreadyRunning = "already_running"
        /// The dispatcher's configuration is invalid.
        case invalidConfiguration = "invalid_configuration"
        /// There is no sample of the event type.
        case unknownEventType = "unknown_event_type"
        /// A statistics window has no steps or too many, or its steps are too short.
        case invalidWindow = "invalid_window"
        /// A stored webhook has a format that this version cannot read, or is encrypted with a key that is not
        /// available.
        case unreadable
        /// A webhook's description or metadata is too long, or has a control character.
        case invalidAnnotations = "invalid_annotations"
        /// A webhook's rate limit is less than one request per second.
        case invalidRate = "invalid_rate"
    }

    /// The kind of error.
    public let code: Code
    /// What is wrong.
    public let message: String
    /// What to do about it.
    public let hint: String

    /// Creates an error, for stores.
    ///
    /// - Parameters:
    ///   - code: The kind of error.
    ///   - message: What is wrong.
    ///   - hint: What to do about it.
    public init(_ code: Code, _ message: String, hint: String) {
        self.code = code
        self.message = message
        self.hint = hint
    }
}

extension DeliveryError {
    /// An event with the same identifier but other bytes exists.
    public static var eventConflict: DeliveryError {
        DeliveryError(
            .eventConflict, "An event with this id but other bytes exists",
            hint: "Publish the same bytes again, or use a new id.")
    }

    /// A webhook cannot be read; it can still be deleted.
    ///
    /// - Parameters:
    ///   - webhook: The webhook.
    ///   - error: The error that reading the webhook threw.
    /// - Returns: The error.
    public static func unreadable(_ webhook: WebhookID, because error: any Error) -> DeliveryError {
        DeliveryError(
            .unreadable, "The webhook \(webhook) cannot be read: \(error)",
            hint: "It was stored by a later version, encrypted with another key, or damaged. You can delete it.")
    }
}
