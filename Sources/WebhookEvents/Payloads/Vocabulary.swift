// Source of all values: the payload reference of the event types on the product page.

extension TaskObject {
    /// The status of a task.
    public struct Status: OpenEnum {
        /// The value's name in JSON.
        public let rawValue: String

        /// Creates a value from its name, documented or not.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Not started.
        public static let `open` = TaskObject.Status(rawValue: "open")
        /// In progress.
        public static let inProgress = TaskObject.Status(rawValue: "in_progress")
        /// Blocked by something else.
        public static let blocked = TaskObject.Status(rawValue: "blocked")
        /// Done.
        public static let completed = TaskObject.Status(rawValue: "completed")
        /// Abandoned.
        public static let cancelled = TaskObject.Status(rawValue: "cancelled")

        /// The documented values.
        public static let known: [TaskObject.Status] = [.open, .inProgress, .blocked, .completed, .cancelled]
    }
}

extension TaskObject {
    /// The priority of a task.
    public struct Priority: OpenEnum {
        /// The value's name in JSON.
        public let rawValue: String

        /// Creates a value from its name, documented or not.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Below the normal priority.
        public static let low = TaskObject.Priority(rawValue: "low")
        /// The normal priority.
        public static let medium = TaskObject.Priority(rawValue: "medium")
        /// Above the normal priority.
        public static let high = TaskObject.Priority(rawValue: "high")
        /// Above all other priorities.
        public static let urgent = TaskObject.Priority(rawValue: "urgent")

        /// The documented values.
        public static let known: [TaskObject.Priority] = [.low, .medium, .high, .urgent]
    }
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

extension TaskAssigned {
    /// The reason for a change of assignment.
    public struct Reason: OpenEnum {
        /// The value's name in JSON.
        public let rawValue: String

        /// Creates a value from its name, documented or not.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// A person chose the assignee.
        public static let manual = TaskAssigned.Reason(rawValue: "manual")
        /// An automation rule chose the assignee.
        public static let rule = TaskAssigned.Reason(rawValue: "rule")
        /// A rota chose the assignee.
        public static let rotation = TaskAssigned.Reason(rawValue: "rotation")
        /// The assignment was imported.
        public static let `import` = TaskAssigned.Reason(rawValue: "import")
        /// The assignee was removed.
        public static let unassigned = TaskAssigned.Reason(rawValue: "unassigned")

        /// The documented values.
        public static let known: [TaskAssigned.Reason] = [.manual, .rule, .rotation, .import, .unassigned]
    }
}

extension TaskDeleted {
    /// Whether a deleted task can be restored.
    public struct Mode: OpenEnum {
        /// The value's name in JSON.
        public let rawValue: String

        /// Creates a value from its name, documented or not.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The task can be restored for a limited time.
        public static let soft = TaskDeleted.Mode(rawValue: "soft")
        /// The task cannot be restored.
        public static let permanent = TaskDeleted.Mode(rawValue: "permanent")

        /// The documented values.
        public static let known: [TaskDeleted.Mode] = [.soft, .permanent]
    }
}

extension TaskDeleted {
    /// The reason for the deletion of a task.
    public struct Reason: OpenEnum {
        /// The value's name in JSON.
        public let rawValue: String

        /// Creates a value from its name, documented or not.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// A user deleted the task.
        public static let userRequest = TaskDeleted.Reason(rawValue: "user_request")
        /// The task was deleted in a bulk operation.
        public static let bulkDelete = TaskDeleted.Reason(rawValue: "bulk_delete")
        /// The task was merged into another one.
        public static let merged = TaskDeleted.Reason(rawValue: "merged")
        /// The project of the task was deleted.
        public static let projectDeleted = TaskDeleted.Reason(rawValue: "project_deleted")
        /// The retention period of the task ended.
        public static let retentionPolicy = TaskDeleted.Reason(rawValue: "retention_policy")
        /// A person asked for the erasure of their data.
        public static let privacyErasure = TaskDeleted.Reason(rawValue: "privacy_erasure")

        /// The documented values.
        public static let known: [TaskDeleted.Reason] = [
            .userRequest, .bulkDelete, .merged, .projectDeleted, .retentionPolicy, .privacyErasure,
        ]
    }
}

extension WorkflowTriggered {
    /// The kind of trigger that starts a workflow.
    public struct TriggerKind: OpenEnum {
        /// The value's name in JSON.
        public let rawValue: String

        /// Creates a value from its name, documented or not.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// An event.
        public static let event = WorkflowTriggered.TriggerKind(rawValue: "event")
        /// A schedule.
        public static let schedule = WorkflowTriggered.TriggerKind(rawValue: "schedule")
        /// A person.
        public static let manual = WorkflowTriggered.TriggerKind(rawValue: "manual")
        /// An API call.
        public static let api = WorkflowTriggered.TriggerKind(rawValue: "api")

        /// The documented values.
        public static let known: [WorkflowTriggered.TriggerKind] = [.event, .schedule, .manual, .api]
    }
}

extension WorkflowTriggered {
    /// The status of a run or of one of its actions.
    public struct Status: OpenEnum {
        /// The value's name in JSON.
        public let rawValue: String

        /// Creates a value from its name, documented or not.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Not started.
        public static let pending = WorkflowTriggered.Status(rawValue: "pending")
        /// In progress.
        public static let running = WorkflowTriggered.Status(rawValue: "running")
        /// Completed successfully.
        public static let succeeded = WorkflowTriggered.Status(rawValue: "succeeded")
        /// Ended with an error.
        public static let failed = WorkflowTriggered.Status(rawValue: "failed")
        /// Skipped because of a condition.
        public static let skipped = WorkflowTriggered.Status(rawValue: "skipped")

        /// The documented values.
        public static let known: [WorkflowTriggered.Status] = [.pending, .running, .succeeded, .failed, .skipped]
    }
}
