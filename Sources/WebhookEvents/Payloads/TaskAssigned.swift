/// The data of `task.assigned`: the task, its assignee, and who had it before.
public struct TaskAssigned: EventPayload, Codable {
    /// The task after the change.
    public var task: TaskObject
    /// Who has it now; `nil` when it was taken from somebody.
    public var assignee: Assignee?
    /// Who had it before.
    public var previousAssignee: Assignee?
    /// Who made the change.
    public var assignedBy: String?
    /// When the change was made.
    public var assignedAt: Timestamp
    /// Why it changed.
    public var reason: AssignmentReason
    /// The most assignments that an event repeats.
    public static let maximumHistory = 10

    /// The latest assignments, newest first, at most ``maximumHistory``.
    public var history: [AssignmentRecord]
    /// How many assignments there have been.
    public var historyTotal: Int

    /// Creates the value from its parts.
    public init(
        task: TaskObject,
        assignee: Assignee? = nil,
        previousAssignee: Assignee? = nil,
        assignedBy: String? = nil,
        assignedAt: Timestamp,
        reason: AssignmentReason = .manual,
        history: [AssignmentRecord] = [],
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

    /// What later events about the same thing share.
    public var orderingKey: String { task.id }

    /// The event among all that TaskFlow sends.
    public var event: TaskFlowEvent { .taskAssigned(self) }

    /// Takes this payload out of an event, or returns `nil` when it holds another.
    public init?(_ event: TaskFlowEvent) {
        guard case .taskAssigned(let payload) = event else { return nil }
        self = payload
    }
}

/// Somebody who can have a task.
public struct Assignee: Sendable, Hashable, Codable {
    /// Names the assignee.
    public var id: String
    /// What kind of actor it is.
    public var type: ActorType
    /// The name to show.
    public var name: String
    /// The e-mail address, where the account shares it.
    public var email: String?
    /// A picture.
    public var avatarURL: String?
    /// The IANA time zone.
    public var timezone: String?

    /// Creates the value from its parts.
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

/// One assignment in a task's history.
public struct AssignmentRecord: Sendable, Hashable, Codable {
    /// Who had the task.
    public var assigneeID: String
    /// The name at that time.
    public var assigneeName: String?
    /// Who assigned it.
    public var assignedBy: String?
    /// From when.
    public var assignedAt: Timestamp
    /// Until when; `nil` for the current one.
    public var unassignedAt: Timestamp?
    /// Why.
    public var reason: AssignmentReason

    /// Creates the value from its parts.
    public init(
        assigneeID: String,
        assigneeName: String? = nil,
        assignedBy: String? = nil,
        assignedAt: Timestamp,
        unassignedAt: Timestamp? = nil,
        reason: AssignmentReason = .manual
    ) {
        self.assigneeID = assigneeID
        self.assigneeName = assigneeName
        self.assignedBy = assignedBy
        self.assignedAt = assignedAt
        self.unassignedAt = unassignedAt
        self.reason = reason
    }
}
