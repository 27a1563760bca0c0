/// The data of `task.created`: the full task.
public struct TaskCreated: EventPayload, Codable {
    /// The new task.
    public var task: TaskObject

    /// Creates the value from its parts.
    public init(
        task: TaskObject
    ) {
        self.task = task
    }

    /// The type of the event.
    public static let eventType = EventType.taskCreated

    /// What later events about the same thing share.
    public var orderingKey: String { task.id }

    /// The event among all that TaskFlow sends.
    public var event: TaskFlowEvent { .taskCreated(self) }

    /// Takes this payload out of an event, or returns `nil` when it holds another.
    public init?(_ event: TaskFlowEvent) {
        guard case .taskCreated(let payload) = event else { return nil }
        self = payload
    }

    /// Creates the payload.
    ///
    /// - Parameter task: The task this is about.
    public init(_ task: TaskObject) {
        self.init(task: task)
    }
}
