/// A task as TaskFlow shows it to integrations.
public struct TaskObject: Sendable, Hashable, Codable {
    /// Names the task, for example `task_abc123`.
    public var id: String
    /// The task's title.
    public var title: String
    /// The task's text in Markdown.
    public var description: String?
    /// Where the task stands.
    public var status: TaskStatus
    /// How urgent the task is.
    public var priority: TaskPriority
    /// The project it belongs to.
    public var project: ProjectReference?
    /// The task it is a part of.
    public var parentTaskID: String?
    /// Its labels, in the order the user chose.
    public var labels: [String]
    /// Who works on it.
    public var assigneeID: String?
    /// Who created it; `nil` for automations and erased users.
    public var createdBy: String?
    /// When it should be done.
    public var dueAt: Timestamp?
    /// The estimated effort in minutes.
    public var estimateMinutes: Int?
    /// When it was marked complete.
    public var completedAt: Timestamp?
    /// Who marked it complete.
    public var completedBy: String?
    /// When it was created; `nil` only where a sender leaves it out, as the shortest documented example does.
    public var createdAt: Timestamp?
    /// When it last changed; `nil` only where a sender leaves it out.
    public var updatedAt: Timestamp?
    /// Rises with every change of the task.
    public var version: Int
    /// Where a person can look at it.
    public var url: String
    /// The account's own fields.
    public var customFields: JSONMembers

    /// Creates the value from its parts.
    public init(
        id: String,
        title: String,
        description: String? = nil,
        status: TaskStatus = .open,
        priority: TaskPriority = .medium,
        project: ProjectReference? = nil,
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
        customFields: JSONMembers = [:]
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

/// A project as other objects refer to it.
public struct ProjectReference: Sendable, Hashable, Codable {
    /// Names the project.
    public var id: String
    /// The project's name.
    public var name: String

    /// Creates the value from its parts.
    public init(
        id: String,
        name: String
    ) {
        self.id = id
        self.name = name
    }
}

/// A task as comments and workflows refer to it.
public struct TaskReference: Sendable, Hashable, Codable {
    /// Names the task.
    public var id: String
    /// The task's title.
    public var title: String
    /// Where the task stands.
    public var status: TaskStatus
    /// How urgent the task is.
    public var priority: TaskPriority
    /// Who works on it.
    public var assigneeID: String?
    /// Where a person can look at it.
    public var url: String

    /// Creates the value from its parts.
    public init(
        id: String,
        title: String,
        status: TaskStatus,
        priority: TaskPriority,
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

    /// Creates the short form of a task.
    ///
    /// - Parameter task: The task to refer to.
    public init(_ task: TaskObject) {
        self.init(
            id: task.id, title: task.title, status: task.status, priority: task.priority, assigneeID: task.assigneeID,
            url: task.url)
    }
}
