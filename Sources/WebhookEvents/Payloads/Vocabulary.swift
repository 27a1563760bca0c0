// Source of every value: the payload reference of the product page's event types.

/// Where a task stands.
public struct TaskStatus: OpenEnum {
    /// The value's name in JSON.
    public let rawValue: String

    /// Creates a value from its name, documented or not.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Not started.
    public static let `open` = TaskStatus(rawValue: "open")
    /// Being worked on.
    public static let inProgress = TaskStatus(rawValue: "in_progress")
    /// Waiting for something else.
    public static let blocked = TaskStatus(rawValue: "blocked")
    /// Done.
    public static let completed = TaskStatus(rawValue: "completed")
    /// Given up.
    public static let cancelled = TaskStatus(rawValue: "cancelled")

    /// The values that are documented today.
    public static let known: [TaskStatus] = [.open, .inProgress, .blocked, .completed, .cancelled]
}

/// How urgent a task is.
public struct TaskPriority: OpenEnum {
    /// The value's name in JSON.
    public let rawValue: String

    /// Creates a value from its name, documented or not.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Whenever there is time.
    public static let low = TaskPriority(rawValue: "low")
    /// The ordinary case.
    public static let medium = TaskPriority(rawValue: "medium")
    /// Before the ordinary case.
    public static let high = TaskPriority(rawValue: "high")
    /// Before everything else.
    public static let urgent = TaskPriority(rawValue: "urgent")

    /// The values that are documented today.
    public static let known: [TaskPriority] = [.low, .medium, .high, .urgent]
}

/// What kind of actor somebody is.
public struct ActorType: OpenEnum {
    /// The value's name in JSON.
    public let rawValue: String

    /// Creates a value from its name, documented or not.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// A person.
    public static let user = ActorType(rawValue: "user")
    /// A group of people.
    public static let team = ActorType(rawValue: "team")
    /// A program.
    public static let bot = ActorType(rawValue: "bot")

    /// The values that are documented today.
    public static let known: [ActorType] = [.user, .team, .bot]
}

/// Why an assignment changed.
public struct AssignmentReason: OpenEnum {
    /// The value's name in JSON.
    public let rawValue: String

    /// Creates a value from its name, documented or not.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Somebody chose.
    public static let manual = AssignmentReason(rawValue: "manual")
    /// An automation rule chose.
    public static let rule = AssignmentReason(rawValue: "rule")
    /// A rota chose.
    public static let rotation = AssignmentReason(rawValue: "rotation")
    /// It came with imported data.
    public static let `import` = AssignmentReason(rawValue: "import")
    /// The assignee was removed.
    public static let unassigned = AssignmentReason(rawValue: "unassigned")

    /// The values that are documented today.
    public static let known: [AssignmentReason] = [.manual, .rule, .rotation, .import, .unassigned]
}

/// Whether a deleted task can come back.
public struct DeletionMode: OpenEnum {
    /// The value's name in JSON.
    public let rawValue: String

    /// Creates a value from its name, documented or not.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// It can be restored for a while.
    public static let soft = DeletionMode(rawValue: "soft")
    /// It is gone.
    public static let permanent = DeletionMode(rawValue: "permanent")

    /// The values that are documented today.
    public static let known: [DeletionMode] = [.soft, .permanent]
}

/// Why a task was deleted.
public struct DeletionReason: OpenEnum {
    /// The value's name in JSON.
    public let rawValue: String

    /// Creates a value from its name, documented or not.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Somebody deleted it.
    public static let userRequest = DeletionReason(rawValue: "user_request")
    /// It was one of many deleted at once.
    public static let bulkDelete = DeletionReason(rawValue: "bulk_delete")
    /// It was merged into another task.
    public static let merged = DeletionReason(rawValue: "merged")
    /// Its project was deleted.
    public static let projectDeleted = DeletionReason(rawValue: "project_deleted")
    /// It reached the end of its retention.
    public static let retentionPolicy = DeletionReason(rawValue: "retention_policy")
    /// Somebody asked for their data to be erased.
    public static let privacyErasure = DeletionReason(rawValue: "privacy_erasure")

    /// The values that are documented today.
    public static let known: [DeletionReason] = [
        .userRequest, .bulkDelete, .merged, .projectDeleted, .retentionPolicy, .privacyErasure,
    ]
}

/// What starts a workflow.
public struct WorkflowTriggerKind: OpenEnum {
    /// The value's name in JSON.
    public let rawValue: String

    /// Creates a value from its name, documented or not.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// An event.
    public static let event = WorkflowTriggerKind(rawValue: "event")
    /// A timetable.
    public static let schedule = WorkflowTriggerKind(rawValue: "schedule")
    /// A person.
    public static let manual = WorkflowTriggerKind(rawValue: "manual")
    /// A call of the API.
    public static let api = WorkflowTriggerKind(rawValue: "api")

    /// The values that are documented today.
    public static let known: [WorkflowTriggerKind] = [.event, .schedule, .manual, .api]
}

/// How far a run or one of its actions is.
public struct WorkflowStatus: OpenEnum {
    /// The value's name in JSON.
    public let rawValue: String

    /// Creates a value from its name, documented or not.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Not started.
    public static let pending = WorkflowStatus(rawValue: "pending")
    /// Under way.
    public static let running = WorkflowStatus(rawValue: "running")
    /// Ended well.
    public static let succeeded = WorkflowStatus(rawValue: "succeeded")
    /// Ended badly.
    public static let failed = WorkflowStatus(rawValue: "failed")
    /// Left out by a condition.
    public static let skipped = WorkflowStatus(rawValue: "skipped")

    /// The values that are documented today.
    public static let known: [WorkflowStatus] = [.pending, .running, .succeeded, .failed, .skipped]
}
