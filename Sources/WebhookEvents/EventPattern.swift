/// A pattern for the event types that a webhook receives: one type, a family (`task.*`), or all (`*`).
public struct EventPattern: Sendable, Hashable, Codable, LosslessStringConvertible, CustomStringConvertible {
    /// The pattern as written in the registration.
    public let rawValue: String

    /// Creates a pattern, or returns `nil` if it matches no documented type.
    ///
    /// A pattern that matches nothing is a spelling mistake; rejecting it at registration is better than never
    /// delivering.
    ///
    /// - Parameter description: `*`, a family such as `task.*`, or a type such as `task.created`.
    public init?(_ description: String) {
        self.rawValue = description
        guard EventType.known.contains(where: matches) else { return nil }
    }

    /// Creates the pattern that matches exactly one type.
    ///
    /// - Parameter type: The type to subscribe to.
    public init(_ type: EventType) {
        self.rawValue = type.rawValue
    }

    private init(wildcard: String) { self.rawValue = wildcard }

    /// Creates a pattern from a stored value, which was validated at registration, possibly by a later version.
    package init(stored rawValue: String) { self.rawValue = rawValue }

    /// The pattern as text.
    public var description: String { rawValue }

    /// Returns whether the pattern matches an event type.
    ///
    /// - Parameter type: The type of the event.
    /// - Returns: `true` if a webhook with this pattern receives events of this type.
    public func matches(_ type: EventType) -> Bool {
        if rawValue == "*" { return true }
        if rawValue.hasSuffix(".*") { return type.rawValue.hasPrefix(rawValue.dropLast()) }
        return rawValue == type.rawValue
    }

    /// Decodes and validates a pattern.
    ///
    /// - Throws: `DecodingError` if the pattern matches no documented type.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let pattern = try EventPattern(container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "matches no documented event type")
        }
        self = pattern
    }

    /// Encodes the pattern as text.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
}

extension EventPattern {
    /// All events, including types added later.
    public static let all = EventPattern(wildcard: "*")
    /// All events about a task.
    public static let allTaskEvents = EventPattern(wildcard: "task.*")
    /// New tasks.
    public static let taskCreated = EventPattern(.taskCreated)
    /// Modified tasks.
    public static let taskUpdated = EventPattern(.taskUpdated)
    /// Deleted tasks.
    public static let taskDeleted = EventPattern(.taskDeleted)
    /// Completed tasks.
    public static let taskCompleted = EventPattern(.taskCompleted)
    /// Assigned tasks.
    public static let taskAssigned = EventPattern(.taskAssigned)
    /// New comments.
    public static let commentCreated = EventPattern(.commentCreated)
    /// Executed workflows.
    public static let workflowTriggered = EventPattern(.workflowTriggered)
}
