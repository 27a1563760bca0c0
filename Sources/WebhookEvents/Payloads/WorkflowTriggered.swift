/// The data of `workflow.triggered`: the workflow, its run, and the task it is about.
public struct WorkflowTriggered: EventPayload, Codable {
    /// Names the workflow.
    public var id: String
    /// The workflow's name.
    public var name: String
    /// The workflow's version.
    public var version: Int
    /// Where a person can look at it.
    public var url: String
    /// The run that started.
    public var run: WorkflowRun
    /// The run's inputs.
    public var inputs: JSONMembers
    /// What the run will do, in order.
    public var actions: [WorkflowAction]
    /// The task it is about; `nil` for runs without one.
    public var task: TaskReference?

    /// Creates the value from its parts.
    public init(
        id: String,
        name: String,
        version: Int = 1,
        url: String,
        run: WorkflowRun,
        inputs: JSONMembers = [:],
        actions: [WorkflowAction] = [],
        task: TaskReference? = nil
    ) {
        self.id = id
        self.name = name
        self.version = version
        self.url = url
        self.run = run
        self.inputs = inputs
        self.actions = actions
        self.task = task
    }

    /// The type of the event.
    public static let eventType = EventType.workflowTriggered

    /// What later events about the same thing share.
    public var orderingKey: String { task?.id ?? id }

    /// The event among all that TaskFlow sends.
    public var event: TaskFlowEvent { .workflowTriggered(self) }

    /// Takes this payload out of an event, or returns `nil` when it holds another.
    public init?(_ event: TaskFlowEvent) {
        guard case .workflowTriggered(let payload) = event else { return nil }
        self = payload
    }
}

/// One run of a workflow.
public struct WorkflowRun: Sendable, Hashable, Codable {
    /// Names the run.
    public var id: String
    /// How far it is.
    public var status: WorkflowStatus
    /// When it started.
    public var startedAt: Timestamp
    /// Counts the starts of this run from 1.
    public var attempt: Int
    /// How many runs led to this one, itself included; guards against loops.
    public var depth: Int
    /// What started it.
    public var trigger: WorkflowTrigger

    /// Creates the value from its parts.
    public init(
        id: String,
        status: WorkflowStatus = .running,
        startedAt: Timestamp,
        attempt: Int = 1,
        depth: Int = 1,
        trigger: WorkflowTrigger
    ) {
        self.id = id
        self.status = status
        self.startedAt = startedAt
        self.attempt = attempt
        self.depth = depth
        self.trigger = trigger
    }
}

/// What started a run.
public struct WorkflowTrigger: Sendable, Hashable, Codable {
    /// What kind of thing it was.
    public var kind: WorkflowTriggerKind
    /// The event, when it was one.
    public var eventID: String?
    /// The type of that event.
    public var eventType: String?
    /// The rule that matched, in words.
    public var rule: String?

    /// Creates the value from its parts.
    public init(
        kind: WorkflowTriggerKind,
        eventID: String? = nil,
        eventType: String? = nil,
        rule: String? = nil
    ) {
        self.kind = kind
        self.eventID = eventID
        self.eventType = eventType
        self.rule = rule
    }
}

/// One step of a workflow.
public struct WorkflowAction: Sendable, Hashable, Codable {
    /// Names the step.
    public var id: String
    /// What it does.
    public var type: String
    /// Its place in the order, from 1.
    public var position: Int
    /// How far it is.
    public var status: WorkflowStatus

    /// Creates the value from its parts.
    public init(
        id: String,
        type: String,
        position: Int,
        status: WorkflowStatus = .pending
    ) {
        self.id = id
        self.type = type
        self.position = position
        self.status = status
    }
}
