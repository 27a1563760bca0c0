// Source of all values: the payload reference of the event types on the product page.

/// The status of a task.
public struct TaskStatus: OpenEnum {
    /// The value's name in JSON.
    public let rawValue: String

    /// Creates a value from its name, documented or not.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Not started.
    public static let `open` = TaskStatus(rawValue: "open")
    /// In progress.
    public static let inProgress = TaskStatus(rawValue: "in_progress")
    /// Blocked by something else.
    public static let blocked = TaskStatus(rawValue: "blocked")
    /// Done.
    public static let completed = TaskStatus(rawValue: "completed")
    /// Abandoned.
    public static let cancelled = TaskStatus(rawValue: "cancelled")

    /// The documented values.
    public static let known: [TaskStatus] = [.open, .inProgress, .blocked, .completed, .cancelled]
}

/// The priority of a task.
public struct TaskPriority: OpenEnum {
    /// The value's name in JSON.
    public let rawValue: String

    /// Creates a value from its name, documented or not.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Below the normal priority.
    public static let low = TaskPriority(rawValue: "low")
    /// The normal priority.
    public static let medium = TaskPriority(rawValue: "medium")
    /// Above the normal priority.
    public static let high = TaskPriority(rawValue: "high")
    /// Above all other priorities.
    public static let urgent = TaskPriority(rawValue: "urgent")

    /// The documented values.
    public static let known: [TaskPriority] = [.low, .medium, .high, .urgent]
}

/// The kind of an actor.
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

    /// The documented values.
    public static let known: [ActorType] = [.user, .team, .bot]
}

/// The reason for a change of assignment.
public struct AssignmentReason: OpenEnum {
    /// The value's name in JSON.
    public let rawValue: String

    /// Creates a value from its name, documented or not.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// A person chose the assignee.
    public static let manual = AssignmentReason(rawValue: "manual")
    /// An automation rule chose the assignee.
    public static let rule = AssignmentReason(rawValue: "rule")
    /// A rota chose the assignee.
    public static let rotation = AssignmentReason(rawValue: "rotation")
    /// The assignment was imported.
    public static let `import` = AssignmentReason(rawValue: "import")
    /// The assignee was removed.
    public static let unassigned = AssignmentReason(rawValue: "unassigned")

    /// The documented values.
    public static let known: [AssignmentReason] = [.manual, .rule, .rotation, .import, .unassigned]
}

/// Whether a deleted task can be restored.
public struct DeletionMode: OpenEnum {
    /// The value's name in JSON.
    public let rawValue: String

    /// Creates a value from its name, documented or not.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The task can be restored for a limited time.
    public static let soft = DeletionMode(rawValue: "soft")
    /// The task cannot be restored.
    public static let permanent = DeletionMode(rawValue: "permanent")

    /// The documented values.
    public static let known: [DeletionMode] = [.soft, .permanent]
}

/// The reason for the deletion of a task.
public struct DeletionReason: OpenEnum {
    /// The value's name in JSON.
    public let rawValue: String

    /// Creates a value from its name, documented or not.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// A user deleted the task.
    public static let userRequest = DeletionReason(rawValue: "user_request")
    /// The task was deleted in a bulk operation.
    public static let bulkDelete = DeletionReason(rawValue: "bulk_delete")
    /// The task was merged into another one.
    public static let merged = DeletionReason(rawValue: "merged")
    /// The project of the task was deleted.
    public static let projectDeleted = DeletionReason(rawValue: "project_deleted")
    /// The retention period of the task ended.
    public static let retentionPolicy = DeletionReason(rawValue: "retention_policy")
    /// A person asked for the erasure of their data.
    public static let privacyErasure = DeletionReason(rawValue: "privacy_erasure")

    /// The documented values.
    public static let known: [DeletionReason] = [
        .userRequest, .bulkDelete, .merged, .projectDeleted, .retentionPolicy, .privacyErasure,
    ]
}

/// The kind of trigger that starts a workflow.
public struct WorkflowTriggerKind: OpenEnum {
    /// The value's name in JSON.
    public let rawValue: String

    /// Creates a value from its name, documented or not.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// An event.
    public static let event = WorkflowTriggerKind(rawValue: "event")
    /// A schedule.
    public static let schedule = WorkflowTriggerKind(rawValue: "schedule")
    /// A person.
    public static let manual = WorkflowTriggerKind(rawValue: "manual")
    /// An API call.
    public static let api = WorkflowTriggerKind(rawValue: "api")

    /// The documented values.
    public static let known: [WorkflowTriggerKind] = [.event, .schedule, .manual, .api]
}

/// The status of a run or of one of its actions.
public struct WorkflowStatus: OpenEnum {
    /// The value's name in JSON.
    public let rawValue: String

    /// Creates a value from its name, documented or not.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Not started.
    public static let pending = WorkflowStatus(rawValue: "pending")
    /// In progress.
    public static let running = WorkflowStatus(rawValue: "running")
    /// Completed successfully.
    public static let succeeded = WorkflowStatus(rawValue: "succeeded")
    /// Ended with an error.
    public static let failed = WorkflowStatus(rawValue: "failed")
    /// Skipped because of a condition.
    public static let skipped = WorkflowStatus(rawValue: "skipped")

    /// The documented values.
    public static let known: [WorkflowStatus] = [.pending, .running, .succeeded, .failed, .skipped]
}
