/// The data of `task.deleted`: the task's id and the context of its deletion.
public struct TaskDeleted: EventPayload, Codable {
    /// Names the deleted task.
    public var id: String
    /// Its title; empty when erased for privacy.
    public var title: String
    /// When it was deleted.
    public var deletedAt: Timestamp
    /// Who deleted it.
    public var deletedBy: String?
    /// How and why.
    public var deletion: TaskDeletion
    /// The task as it last was; `nil` when erased for privacy.
    public var lastKnown: TaskObject?

    /// Creates the value from its parts.
    public init(
        id: String,
        title: String,
        deletedAt: Timestamp,
        deletedBy: String? = nil,
        deletion: TaskDeletion,
        lastKnown: TaskObject? = nil
    ) {
        self.id = id
        self.title = title
        self.deletedAt = deletedAt
        self.deletedBy = deletedBy
        self.deletion = deletion
        self.lastKnown = lastKnown
    }

    /// The type of the event.
    public static let eventType = EventType.taskDeleted

    /// What later events about the same thing share.
    public var orderingKey: String { id }

    /// The event among all that TaskFlow sends.
    public var event: TaskFlowEvent { .taskDeleted(self) }

    /// Takes this payload out of an event, or returns `nil` when it holds another.
    public init?(_ event: TaskFlowEvent) {
        guard case .taskDeleted(let payload) = event else { return nil }
        self = payload
    }
}

/// How and why a task was deleted.
public struct TaskDeletion: Sendable, Hashable, Codable {
    /// Whether it can come back.
    public var mode: DeletionMode
    /// Why it was deleted.
    public var reason: DeletionReason
    /// The task it was merged into.
    public var mergedIntoTaskID: String?
    /// Until when it can be restored.
    public var restorableUntil: Timestamp?
    /// Whether its parent was deleted with it.
    public var parentDeleted: Bool
    /// The subtasks that were deleted with it.
    public var subtaskIDs: [String]
    /// How many comments were deleted with it.
    public var commentCount: Int
    /// How many attachments were deleted with it.
    public var attachmentCount: Int

    /// Creates the value from its parts.
    public init(
        mode: DeletionMode,
        reason: DeletionReason,
        mergedIntoTaskID: String? = nil,
        restorableUntil: Timestamp? = nil,
        parentDeleted: Bool = false,
        subtaskIDs: [String] = [],
        commentCount: Int = 0,
        attachmentCount: Int = 0
    ) {
        self.mode = mode
        self.reason = reason
        self.mergedIntoTaskID = mergedIntoTaskID
        self.restorableUntil = restorableUntil
        self.parentDeleted = parentDeleted
        self.subtaskIDs = subtaskIDs
        self.commentCount = commentCount
        self.attachmentCount = attachmentCount
    }
}
