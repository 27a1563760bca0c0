/// The data of `task.updated`: the task after the change, and what changed.
public struct TaskUpdated: EventPayload, Codable {
    /// The task after the change.
    public var task: TaskObject
    /// What changed, one entry a field.
    public var changes: [FieldChange]

    /// Creates the value from its parts.
    public init(
        task: TaskObject,
        changes: [FieldChange] = []
    ) {
        self.task = task
        self.changes = changes
    }

    /// The type of the event.
    public static let eventType = EventType.taskUpdated

    /// What later events about the same thing share.
    public var orderingKey: String { task.id }

    /// The event among all that TaskFlow sends.
    public var event: TaskFlowEvent { .taskUpdated(self) }

    /// Takes this payload out of an event, or returns `nil` when it holds another.
    public init?(_ event: TaskFlowEvent) {
        guard case .taskUpdated(let payload) = event else { return nil }
        self = payload
    }
}

/// One field of a task before and after a change.
public struct FieldChange: Sendable, Hashable, Codable {
    /// The field's name in JSON; a custom field is `custom_fields.NAME`.
    public var field: String
    /// The value before.
    public var from: JSONValue
    /// The value after.
    public var to: JSONValue
    /// For a list: what was added.
    public var added: [JSONValue]?
    /// For a list: what was removed.
    public var removed: [JSONValue]?

    /// Creates the value from its parts.
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
