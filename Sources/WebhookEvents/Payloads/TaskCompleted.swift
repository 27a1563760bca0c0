/// The payload of `task.completed`: the full task, with its previous status and cycle time.
public struct TaskCompleted: EventPayload, Codable {
    /// The task, with `completedAt` set.
    public var task: TaskObject
    /// The previous status.
    public var previousStatus: TaskObject.Status?
    /// Whether the task was completed by its due time; `nil` if it has none.
    public var completedOnTime: Bool?
    /// The time from creation to completion, in seconds.
    public var cycleTimeSeconds: Int?

    /// Creates the payload of `task.completed`.
    public init(
        task: TaskObject,
        previousStatus: TaskObject.Status? = nil,
        completedOnTime: Bool? = nil,
        cycleTimeSeconds: Int? = nil
    ) {
        self.task = task
        self.previousStatus = previousStatus
        self.completedOnTime = completedOnTime
        self.cycleTimeSeconds = cycleTimeSeconds
    }

    /// The type of the event.
    public static let eventType = EventType.taskCompleted

    /// The ordering key, shared by all events about the same task.
    public var orderingKey: String { task.id }

    /// The payload as a ``TaskFlowEvent``.
    public var event: TaskFlowEvent { .taskCompleted(self) }

    /// Creates the payload from an event, or returns `nil` if the event has another type.
    public init?(_ event: TaskFlowEvent) {
        guard case .taskCompleted(let payload) = event else { return nil }
        self = payload
    }
}
