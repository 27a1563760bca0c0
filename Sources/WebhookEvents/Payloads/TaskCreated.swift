/// The payload of `task.created`: the full task.
public struct TaskCreated: EventPayload, Codable {
    /// The new task.
    public var task: TaskObject

    /// Creates the payload of `task.created`.
    public init(
        task: TaskObject
    ) {
        self.task = task
    }

    /// The type of the event.
    public static let eventType = EventType.taskCreated

    /// The ordering key, shared by all events about the same task.
    public var orderingKey: String { task.id }

    /// The payload as a ``TaskFlowEvent``.
    public var event: TaskFlowEvent { .taskCreated(self) }

    /// Creates the payload from an event, or returns `nil` if the event has another type.
    public init?(_ event: TaskFlowEvent) {
        guard case .taskCreated(let payload) = event else { return nil }
        self = payload
    }

    /// Creates the payload of `task.created`.
    ///
    /// - Parameter task: The new task.
    public init(_ task: TaskObject) {
        self.init(task: task)
    }
}
