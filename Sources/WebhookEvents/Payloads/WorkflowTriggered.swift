/// The payload of `workflow.triggered`: the workflow, its run, and the related task.
public struct WorkflowTriggered: EventPayload, Codable {
    /// The identifier of the workflow.
    public var id: String
    /// The workflow's name.
    public var name: String
    /// The workflow's version.
    public var version: Int
    /// The URL of its web page.
    public var url: String
    /// The run that started.
    public var run: WorkflowTriggered.Run
    /// The run's inputs.
    public var inputs: JSONValue.Members
    /// The actions of the run, in order.
    public var actions: [WorkflowTriggered.Action]
    /// The related task; `nil` for runs without one.
    public var task: TaskObject.Reference?

    /// Creates the payload of `workflow.triggered`.
    public init(
        id: String,
        name: String,
        version: Int = 1,
        url: String,
        run: WorkflowTriggered.Run,
        inputs: JSONValue.Members = [:],
        actions: [WorkflowTriggered.Action] = [],
        task: TaskObject.Reference? = nil
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

    /// The ordering key, shared by all events about the same task or workflow.
    public var orderingKey: String { task?.id ?? id }

    /// The payload as a ``TaskFlowEvent``.
    public var event: TaskFlowEvent { .workflowTriggered(self) }

    /// Creates the payload from an event, or returns `nil` if the event has another type.
    public init?(_ event: TaskFlowEvent) {
        guard case .workflowTriggered(let payload) = event else { return nil }
        self = payload
    }
}

extension WorkflowTriggered {
    /// One run of a workflow.
    public struct Run: Sendable, Hashable, Codable {
        /// The identifier of the run.
        public var id: String
        /// The current status.
        public var status: WorkflowTriggered.Status
        /// The start time of the run.
        public var startedAt: Timestamp
        /// The number of this start of the run, counted from 1.
        public var attempt: Int
        /// The number of runs that led to this one, including it; guards against loops.
        public var depth: Int
        /// The trigger of the run.
        public var trigger: WorkflowTriggered.Trigger

        /// Creates a run.
        public init(
            id: String,
            status: WorkflowTriggered.Status = .running,
            startedAt: Timestamp,
            attempt: Int = 1,
            depth: Int = 1,
            trigger: WorkflowTriggered.Trigger
        ) {
            self.id = id
            self.status = status
            self.startedAt = startedAt
            self.attempt = attempt
            self.depth = depth
            self.trigger = trigger
        }
    }
}

extension WorkflowTriggered {
    /// The trigger of a run.
    public struct Trigger: Sendable, Hashable, Codable {
        /// The kind of trigger.
        public var kind: WorkflowTriggered.TriggerKind
        /// The identifier of the event, if the trigger was one.
        public var eventID: String?
        /// The type of that event.
        public var eventType: String?
        /// A description of the rule that matched.
        public var rule: String?

        /// Creates a trigger.
        public init(
            kind: WorkflowTriggered.TriggerKind,
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
}

extension WorkflowTriggered {
    /// One action of a workflow.
    public struct Action: Sendable, Hashable, Codable {
        /// The identifier of the action.
        public var id: String
        /// The type of the action.
        public var type: String
        /// The position of the action, counted from 1.
        public var position: Int
        /// The current status.
        public var status: WorkflowTriggered.Status

        /// Creates an action.
        public init(
            id: String,
            type: String,
            position: Int,
            status: WorkflowTriggered.Status = .pending
        ) {
            self.id = id
            self.type = type
            self.position = position
            self.status = status
        }
    }
}
