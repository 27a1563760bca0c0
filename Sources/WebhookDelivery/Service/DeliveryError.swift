public import WebhookEvents

/// Why the engine refuses what it is asked for.
public struct DeliveryError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kinds of refusal.
    @nonexhaustive
    public enum Code: String, Sendable, Hashable {
        /// A webhook that subscribes to nothing would never be triggered.
        case noEvents = "no_events"
        /// The event's id is taken by an event with other bytes.
        case eventConflict = "event_conflict"
        /// The dispatcher is running already.
        case alreadyRunning = "already_running"
        /// The dispatcher is configured so that it could not keep its promises.
        case invalidConfiguration = "invalid_configuration"
        /// No sample is known of the event type.
        case unknownEventType = "unknown_event_type"
        /// A span of time for statistics has no steps, or too many.
        case invalidWindow = "invalid_window"
        /// A webhook is kept in a form that this version of the library cannot read, or under a key that it does not have.
        case unreadable
        /// A webhook's requests a second are less than one.
        case invalidRate = "invalid_rate"
    }

    /// What kind of refusal it is.
    public let code: Code
    /// What is wrong.
    public let message: String
    /// What to do about it.
    public let hint: String

    /// Creates an error, for stores.
    ///
    /// - Parameters:
    ///   - code: What kind of refusal it is.
    ///   - message: What is wrong.
    ///   - hint: What to do about it.
    public init(_ code: Code, _ message: String, hint: String) {
        self.code = code
        self.message = message
        self.hint = hint
    }

    /// The refusal with its hint.
    public var description: String { "\(message) (\(code.rawValue)). \(hint)" }
}

extension DeliveryError {
    /// The event's id is taken by an event with other bytes.
    public static var eventConflict: DeliveryError {
        DeliveryError(
            .eventConflict, "Another event has this id", hint: "Repeat a publish with the same bytes, or take a new id."
        )
    }

    /// A webhook cannot be read; it can be deleted all the same.
    ///
    /// - Parameters:
    ///   - webhook: The webhook.
    ///   - error: What went wrong when it was read.
    /// - Returns: The error.
    public static func unreadable(_ webhook: WebhookID, because error: any Error) -> DeliveryError {
        DeliveryError(
            .unreadable, "The webhook \(webhook) cannot be read: \(error)",
            hint: "It was written by a later version, under another key, or damaged. It can be deleted.")
    }
}
