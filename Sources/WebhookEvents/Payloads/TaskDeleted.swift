/// The payload of `task.deleted`: the task's identifier and the context of its deletion.
public struct TaskDeleted: EventPayload, Codable {
    /// The identifier of the deleted task.
    public var id: String
    /// The title of the task; empty if it was erased for privacy.
    public var title: String
    /// The deletion time.
    public var deletedAt: Timestamp
    /// The identifier of the actor that deleted the task.
    public var deletedBy: String?
    /// The details of the deletion.
    public var deletion: TaskDeleted.Deletion
    /// The last state of the task; `nil` if it was erased for privacy.
    public var lastKnown: TaskObject?

    /// Creates the payload of `task.deleted`.
    public init(
        id: String,
        title: String,
        deletedAt: Timestamp,
        deletedBy: String? = nil,
        deletion: TaskDeleted.Deletion,
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

    /// The ordering key, shared by all events about the same task.
    public var orderingKey: String { id }

    /// The payload as a ``TaskFlowEvent``.
    public var event: TaskFlowEvent { .taskDeleted(self) }

    /// Creates the payload from an event, or returns `nil` if the event has another type.
    public init?(_ event: TaskFlowEvent) {
        guard case .taskDeleted(let payload) = event else { return nil }
        self = payload
    }
}

extension TaskDeleted {
    /// The details of a deletion: its mode, its reason, and the objects deleted with the task.
    public struct Deletion: Sendable, Hashable, Codable {
        /// Whether the task can be restored.
        public var mode: TaskDeleted.Mode
        /// The reason for the deletion.
        public var reason: TaskDeleted.Reason
        /// The identifier of the task that this one was merged into.
        public var mergedIntoTaskID: String?
        /// The time until which the task can be restored.
        public var restorableUntil: Timestamp?
        /// Whether the parent task was deleted as well.
        public var parentDeleted: Bool
        /// The identifiers of the subtasks that were deleted with the task.
        public var subtaskIDs: [String]
        /// The number of comments that were deleted with the task.
        public var commentCount: Int
        /// The number of attachments that were deleted with the task.
        public var attachmentCount: Int

        /// Creates the details of a deletion.
        public init(
            mode: TaskDeleted.Mode,
            reason: TaskDeleted.Reason,
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
}
