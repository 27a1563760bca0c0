/// The data of `task.completed`: the full task and how it got there.
public struct TaskCompleted: EventPayload, Codable {
    /// The task, with `completedAt` set.
    public var task: TaskObject
    /// Where it stood before.
    public var previousStatus: TaskStatus?
    /// Whether it was done by its due time; `nil` without one.
    public var completedOnTime: Bool?
    /// Seconds from creation to completion.
    public var cycleTimeSeconds: Int?

    /// Creates the value from its parts.
    public init(
        task: TaskObject,
        previousStatus: TaskStatus? = nil,
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

    /// What later events about the same thing share.
    public var orderingKey: String { task.id }

    /// The event among all that TaskFlow sends.
    public var event: TaskFlowEvent { .taskCompleted(self) }

    /// Takes this payload out of an event, or returns `nil` when it holds another.
    public init?(_ event: TaskFlowEvent) {
        guard case .taskCompleted(let payload) = event else { return nil }
        self = payload
    }
}
