/// The payload of `task.assigned`: the task, its assignee, and the previous assignee.
public struct TaskAssigned: EventPayload, Codable {
    /// The task after the change.
    public var task: TaskObject
    /// The new assignee; `nil` if the task was unassigned.
    public var assignee: TaskAssigned.Assignee?
    /// The previous assignee.
    public var previousAssignee: TaskAssigned.Assignee?
    /// The identifier of the actor that made the change.
    public var assignedBy: String?
    /// The time of the change.
    public var assignedAt: Timestamp
    /// The reason for the change.
    public var reason: TaskAssigned.Reason
    /// The maximum number of assignments in an event.
    public static let maximumHistory = 10

    /// The latest assignments, newest first, at most ``maximumHistory``.
    public var history: [TaskAssigned.Assignment]
    /// The total number of assignments.
    public var historyTotal: Int

    /// Creates the payload of `task.assigned`.
    public init(
        task: TaskObject,
        assignee: TaskAssigned.Assignee? = nil,
        previousAssignee: TaskAssigned.Assignee? = nil,
        assignedBy: String? = nil,
        assignedAt: Timestamp,
        reason: TaskAssigned.Reason = .manual,
        history: [TaskAssigned.Assignment] = [],
        historyTotal: Int = 0
    ) {
        self.task = task
        self.assignee = assignee
        self.previousAssignee = previousAssignee
        self.assignedBy = assignedBy
        self.assignedAt = assignedAt
        self.reason = reason
        self.history = history
        self.historyTotal = historyTotal
    }

    /// The type of the event.
    public static let eventType = EventType.taskAssigned

    /// The ordering key, shared by all events about the same task.
    public var orderingKey: String { task.id }

    /// The payload as a ``TaskFlowEvent``.
    public var event: TaskFlowEvent { .taskAssigned(self) }

    /// Creates the payload from an event, or returns `nil` if the event has another type.
    public init?(_ event: TaskFlowEvent) {
        guard case .taskAssigned(let payload) = event else { return nil }
        self = payload
    }
}

extension TaskAssigned {
    /// A user, team or bot that a task can be assigned to.
    public struct Assignee: Sendable, Hashable, Codable {
        /// The identifier of the assignee.
        public var id: String
        /// The kind of actor.
        public var type: ActorType
        /// The display name.
        public var name: String
        /// The e-mail address, if the account shares it.
        public var email: String?
        /// The URL of a picture.
        public var avatarURL: String?
        /// The IANA time zone.
        public var timezone: String?

        /// Creates an assignee.
        public init(
            id: String,
            type: ActorType = .user,
            name: String,
            email: String? = nil,
            avatarURL: String? = nil,
            timezone: String? = nil
        ) {
            self.id = id
            self.type = type
            self.name = name
            self.email = email
            self.avatarURL = avatarURL
            self.timezone = timezone
        }
    }
}

extension TaskAssigned {
    /// One assignment in a task's history.
    public struct Assignment: Sendable, Hashable, Codable {
        /// The identifier of the assignee.
        public var assigneeID: String
        /// The name of the assignee at that time.
        public var assigneeName: String?
        /// The identifier of the actor that made the assignment.
        public var assignedBy: String?
        /// The start of the assignment.
        public var assignedAt: Timestamp
        /// The end of the assignment; `nil` for the current one.
        public var unassignedAt: Timestamp?
        /// The reason for the assignment.
        public var reason: TaskAssigned.Reason

        /// Creates an assignment record.
        public init(
            assigneeID: String,
            assigneeName: String? = nil,
            assignedBy: String? = nil,
            assignedAt: Timestamp,
            unassignedAt: Timestamp? = nil,
            reason: TaskAssigned.Reason = .manual
        ) {
            self.assigneeID = assigneeID
            self.assigneeName = assigneeName
            self.assignedBy = assignedBy
            self.assignedAt = assignedAt
            self.unassignedAt = unassignedAt
            self.reason = reason
        }
    }
}
