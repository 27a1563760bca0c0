/// The payload of `task.updated`: the task after the change, and the changes.
public struct TaskUpdated: EventPayload, Codable {
    /// The task after the change.
    public var task: TaskObject
    /// The changes, one entry per field.
    public var changes: [TaskUpdated.FieldChange]

    /// Creates the payload of `task.updated`.
    public init(
        task: TaskObject,
        changes: [TaskUpdated.FieldChange] = []
    ) {
        self.task = task
        self.changes = changes
    }

    /// The type of the event.
    public static let eventType = EventType.taskUpdated

    /// The ordering key, shared by all events about the same task.
    public var orderingKey: String { task.id }

    /// The payload as a ``TaskFlowEvent``.
    public var event: TaskFlowEvent { .taskUpdated(self) }

    /// Creates the payload from an event, or returns `nil` if the event has another type.
    public init?(_ event: TaskFlowEvent) {
        guard case .taskUpdated(let payload) = event else { return nil }
        self = payload
    }
}

extension TaskUpdated {
    /// A field of a task before and after a change.
    public struct FieldChange: Sendable, Hashable, Codable {
        /// The field's name in JSON; a custom field is named `custom_fields.NAME`.
        public var field: String
        /// The value before the change.
        public var from: JSONValue
        /// The value after the change.
        public var to: JSONValue
        /// The elements added to a list; `nil` for other fields.
        public var added: [JSONValue]?
        /// The elements removed from a list; `nil` for other fields.
        public var removed: [JSONValue]?

        /// Creates a field change.
        public init(
            field: String,
            from: JSONValue = .null,
            to: JSONValue = .null,
            added: [JSONValue]? = nil,
            removed: [JSONValue]? = nil
        ) {
            self.field = field
            self.from = from
            self.to = to
            self.added = added
            self.removed = removed
        }
    }
}
