/// A task, as TaskFlow exposes it to integrations.
public struct TaskObject: Sendable, Hashable, Codable {
    /// The identifier of the task, for example `task_abc123`.
    public var id: String
    /// The task's title.
    public var title: String
    /// The task's description in Markdown.
    public var description: String?
    /// The status of the task.
    public var status: TaskObject.Status
    /// The priority of the task.
    public var priority: TaskObject.Priority
    /// The project of the task.
    public var project: TaskObject.Project?
    /// The identifier of the parent task.
    public var parentTaskID: String?
    /// The labels, in the order that the user chose.
    public var labels: [String]
    /// The identifier of the assignee.
    public var assigneeID: String?
    /// The identifier of the creator; `nil` for automations and erased users.
    public var createdBy: String?
    /// The due time.
    public var dueAt: Timestamp?
    /// The estimated effort in minutes.
    public var estimateMinutes: Int?
    /// The completion time.
    public var completedAt: Timestamp?
    /// The identifier of the actor that completed the task.
    public var completedBy: String?
    /// The creation time; `nil` only if the sender omits it, as the shortest documented example does.
    public var createdAt: Timestamp?
    /// The time of the last change; `nil` only if the sender omits it.
    public var updatedAt: Timestamp?
    /// The version of the task, which increases with every change.
    public var version: Int
    /// The URL of its web page.
    public var url: String
    /// The account's custom fields.
    public var customFields: JSONValue.Members

    /// Creates a task.
    public init(
        id: String,
        title: String,
        description: String? = nil,
        status: TaskObject.Status = .open,
        priority: TaskObject.Priority = .medium,
        project: TaskObject.Project? = nil,
        parentTaskID: String? = nil,
        labels: [String] = [],
        assigneeID: String? = nil,
        createdBy: String? = nil,
        dueAt: Timestamp? = nil,
        estimateMinutes: Int? = nil,
        completedAt: Timestamp? = nil,
        completedBy: String? = nil,
        createdAt: Timestamp?,
        updatedAt: Timestamp?,
        version: Int = 1,
        url: String,
        customFields: JSONValue.Members = [:]
    ) {
        self.id = id
        self.title = title
        self.description = description
        self.status = status
        self.priority = priority
        self.project = project
        self.parentTaskID = parentTaskID
        self.labels = labels
        self.assigneeID = assigneeID
        self.createdBy = createdBy
        self.dueAt = dueAt
        self.estimateMinutes = estimateMinutes
        self.completedAt = completedAt
        self.completedBy = completedBy
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.version = version
        self.url = url
        self.customFields = customFields
    }
}

extension TaskObject {
    /// A reference to a project from another object.
    public struct Project: Sendable, Hashable, Codable {
        /// The identifier of the project.
        public var id: String
        /// The project's name.
        public var name: String

        /// Creates a reference to a project.
        public init(
            id: String,
            name: String
        ) {
            self.id = id
            self.name = name
        }
    }
}

extension TaskObject {
    /// A reference to a task from a comment or a workflow.
    public struct Reference: Sendable, Hashable, Codable {
        /// The identifier of the task.
        public var id: String
        /// The task's title.
        public var title: String
        /// The status of the task.
        public var status: TaskObject.Status
        /// The priority of the task.
        public var priority: TaskObject.Priority
        /// The identifier of the assignee.
        public var assigneeID: String?
        /// The URL of its web page.
        public var url: String

        /// Creates a reference to a task.
        public init(
            id: String,
            title: String,
            status: TaskObject.Status,
            priority: TaskObject.Priority,
            assigneeID: String? = nil,
            url: String
        ) {
            self.id = id
            self.title = title
            self.status = status
            self.priority = priority
            self.assigneeID = assigneeID
            self.url = url
        }

        /// Creates a reference to a task.
        ///
        /// - Parameter task: The task to refer to.
        public init(_ task: TaskObject) {
            self.init(
                id: task.id, title: task.title, status: task.status, priority: task.priority,
                assigneeID: task.assigneeID,
                url: task.url)
        }
    }
}
