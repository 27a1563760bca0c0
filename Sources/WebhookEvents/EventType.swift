/// The type of an event, for example `task.created`.
///
/// The set is open: a receiver may see types that were added after it was built. Any well-formed name is therefore
/// valid, and ``known`` lists the documented types. A name has 1 to 64 characters from `a–z 0–9 _`, in parts separated
/// by single dots.
public struct EventType: Sendable, Hashable, Codable, LosslessStringConvertible, CustomStringConvertible {
    /// The name as written in the envelope and in `X-TaskFlow-Event`.
    public let rawValue: String

    /// Creates a type from its name, or returns `nil` if the name is not well-formed.
    ///
    /// - Parameter description: The name, for example `task.created`.
    public init?(_ description: String) {
        guard Self.isWellFormed(description) else { return nil }
        self.rawValue = description
    }

    private init(known: String) { self.rawValue = known }

    /// The name of the type.
    public var description: String { rawValue }

    /// Whether this type is one of the seven documented types.
    public var isKnown: Bool { Self.known.contains(self) }

    /// Decodes and validates a name.
    ///
    /// - Throws: `DecodingError` if the name is not well-formed.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let type = try EventType(container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a well-formed event type")
        }
        self = type
    }

    /// Encodes the name.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }

    static func isWellFormed(_ text: String) -> Bool {
        var previous = UInt8(ascii: ".")
        guard (1...64).contains(text.utf8.count) else { return false }
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"): break
            case UInt8(ascii: ".") where previous != UInt8(ascii: "."): break
            default: return false
            }
            previous = byte
        }
        return previous != UInt8(ascii: ".")
    }
}

extension EventType {
    /// A new task was created.
    public static let taskCreated = EventType(known: "task.created")
    /// A task was modified.
    public static let taskUpdated = EventType(known: "task.updated")
    /// A task was deleted.
    public static let taskDeleted = EventType(known: "task.deleted")
    /// A task was marked complete.
    public static let taskCompleted = EventType(known: "task.completed")
    /// A task was assigned, reassigned or unassigned.
    public static let taskAssigned = EventType(known: "task.assigned")
    /// A comment was added.
    public static let commentCreated = EventType(known: "comment.created")
    /// A workflow was executed.
    public static let workflowTriggered = EventType(known: "workflow.triggered")

    /// The seven documented types, in documentation order.
    public static let known: [EventType] = [
        .taskCreated, .taskUpdated, .taskDeleted, .taskCompleted, .taskAssigned, .commentCreated, .workflowTriggered,
    ]
}
