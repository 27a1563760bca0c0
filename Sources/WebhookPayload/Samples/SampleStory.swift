package import WebhookEvents

/// A generator of realistic events: the tasks of a small team over some days, reproducible from a seed.
///
/// A story is consistent: a task is created before it is assigned, and no events follow its deletion. Tests, the demo
/// and the documentation take their samples from here, so none of them shows an impossible event.
package struct SampleStory: Sendable {
    private var generator: SeededGenerator
    private let account: AccountID
    private var now: Timestamp
    private var tasks: [TaskObject] = []
    private var assignments: [String: [TaskAssigned.Assignment]] = [:]
    private var sequences: [String: Int] = [:]
    private var counter = 0

    /// Creates a story.
    ///
    /// - Parameters:
    ///   - seed: The seed of the story.
    ///   - account: The account of the events.
    ///   - start: The start time of the story.
    package init(
        seed: UInt64, account: AccountID = "acc_123", start: Timestamp = Timestamp(unixSeconds: 1_707_577_200)
    ) {
        self.generator = SeededGenerator(seed: seed)
        self.account = account
        self.now = start
    }

    /// Returns the next event of the story.
    ///
    /// - Returns: The envelope of the event.
    /// - Throws: ``PayloadError`` if a sample cannot be encoded, which is a bug in this library.
    package mutating func next() throws(PayloadError) -> Envelope {
        now = now + .seconds(Int64.random(in: 20...1500, using: &generator))
        let event = tasks.count < 3 ? create() : chooseEvent()
        return try envelope(of: event)
    }

    /// Returns the next events of the story.
    ///
    /// - Parameter count: The number of events.
    /// - Returns: The envelopes of the events, in order.
    /// - Throws: The same errors as ``next()``.
    package mutating func take(_ count: Int) throws(PayloadError) -> [Envelope] {
        var events: [Envelope] = []
        while events.count < count { events.append(try next()) }
        return events
    }

    /// Returns one realistic event of a type.
    ///
    /// - Parameters:
    ///   - type: One of the documented types.
    ///   - seed: The seed of the story from which the event is taken.
    /// - Returns: The envelope of the event, or `nil` if the type is not documented.
    /// - Throws: The same errors as ``next()``.
    package static func sample(of type: EventType, seed: UInt64 = 1) throws(PayloadError) -> Envelope? {
        guard type.isKnown else { return nil }
        var story = SampleStory(seed: seed)
        while true {
            let event = try story.next()
            if event.type == type { return event }
        }
    }

    private mutating func envelope(of event: TaskFlowEvent) throws(PayloadError) -> Envelope {
        counter += 1
        let key = event.orderingKey ?? ""
        sequences[key, default: 0] += 1
        let isWorkflow = event.type == .workflowTriggered
        let metadata = EventMetadata(
            accountID: account, triggeredBy: isWorkflow ? nil : pick(Cast.people).id, orderingKey: key,
            sequence: sequences[key], source: isWorkflow ? "workflow" : pick(["web", "web", "mobile", "api"]),
            requestID: isWorkflow ? nil : "req_" + hex(), causationID: nil)
        let number = String(counter)
        let id = "evt_" + String(repeating: "0", count: max(0, 6 - number.utf8.count)) + number + hex()
        return try Envelope(event, id: EventID(unchecked: id), timestamp: now, metadata: metadata)
    }
}

// MARK: - Events

extension SampleStory {
    private mutating func chooseEvent() -> TaskFlowEvent {
        switch Int.random(in: 0..<100, using: &generator) {
        case ..<24: create()
        case ..<48: update()
        case ..<62: assign()
        case ..<78: comment()
        case ..<90: complete()
        case ..<96: trigger()
        default: delete()
        }
    }

    private mutating func create() -> TaskFlowEvent {
        let id = "task_" + hex()
        let isPlanned = Bool.random(using: &generator)
        let task = TaskObject(
            id: id, title: "\(pick(Cast.verbs)) \(pick(Cast.things))",
            description: Bool.random(using: &generator) ? pick(Cast.descriptions) : nil,
            priority: pick([.low, .medium, .medium, .high, .urgent]), project: pick(Cast.projects),
            labels: Array(Set([pick(Cast.labels), pick(Cast.labels)])).sorted(), createdBy: pick(Cast.people).id,
            dueAt: isPlanned ? now + .seconds(86_400 * Int64.random(in: 1...14, using: &generator)) : nil,
            estimateMinutes: isPlanned ? pick([30, 60, 90, 240]) : nil, createdAt: now, updatedAt: now,
            url: "https://app.taskflow.example/tasks/\(id)",
            customFields: ["environment": .string(pick(["production", "staging"])), "change_ticket": .null])
        tasks.append(task)
        return .taskCreated(TaskCreated(task))
    }

    private mutating func update() -> TaskFlowEvent {
        let index = touch()
        let old = tasks[index]
        let priority = pick([TaskObject.Priority.low, .medium, .high, .urgent].filter { $0 != old.priority })
        tasks[index].priority = priority
        let label = pick(Cast.labels)
        if !old.labels.contains(label) { tasks[index].labels.append(label) }
        return .taskUpdated(
            TaskUpdated(task: tasks[index], changes: TaskUpdated.FieldChange.between(old, tasks[index])))
    }

    private mutating func assign() -> TaskFlowEvent {
        let index = touch()
        let old = tasks[index]
        let assignee = pick(Cast.people.filter { $0.id != old.assigneeID })
        let record = TaskAssigned.Assignment(
            assigneeID: assignee.id, assigneeName: assignee.name, assignedBy: pick(Cast.people).id, assignedAt: now)
        var history = assignments[old.id, default: []]
        if !history.isEmpty { history[0].unassignedAt = now }
        history.insert(record, at: 0)
        assignments[old.id] = history
        tasks[index].assigneeID = assignee.id
        return .taskAssigned(
            TaskAssigned(
                task: tasks[index], assignee: assignee,
                previousAssignee: Cast.people.first { $0.id == old.assigneeID }, assignedBy: record.assignedBy,
                assignedAt: now, history: Array(history.prefix(10)), historyTotal: history.count))
    }

    private mutating func comment() -> TaskFlowEvent {
        let task = pick(tasks)
        let (author, mentioned) = (pick(Cast.people), pick(Cast.people))
        let id = "comment_" + hex()
        return .commentCreated(
            CommentCreated(
                id: id, body: pick(Cast.comments), author: CommentCreated.Author(id: author.id, name: author.name),
                mentions: mentioned.id == author.id ? [] : [mentioned.id], createdAt: now,
                url: "\(task.url)#\(id)", task: TaskObject.Reference(task)))
    }

    private mutating func complete() -> TaskFlowEvent {
        let index = touch()
        let old = tasks[index]
        tasks[index].status = .completed
        tasks[index].completedAt = now
        tasks[index].completedBy = old.assigneeID ?? old.createdBy
        let task = tasks.remove(at: index)
        return .taskCompleted(
            TaskCompleted(
                task: task, previousStatus: old.status, completedOnTime: task.dueAt.map { now <= $0 },
                cycleTimeSeconds: task.createdAt.map { Int((now - $0).components.seconds) }))
    }

    private mutating func trigger() -> TaskFlowEvent {
        let task = pick(tasks)
        let run = WorkflowTriggered.Run(
            id: "run_" + hex(), startedAt: now,
            trigger: WorkflowTriggered.Trigger(kind: .event, eventType: "task.updated", rule: "labels contains release")
        )
        return .workflowTriggered(
            WorkflowTriggered(
                id: "workflow_rel01", name: "Announce release", version: 7,
                url: "https://app.taskflow.example/workflows/workflow_rel01", run: run,
                inputs: ["channel": "#releases"],
                actions: [
                    WorkflowTriggered.Action(id: "action_1", type: "notify_slack", position: 1),
                    WorkflowTriggered.Action(id: "action_2", type: "create_task", position: 2),
                ],
                task: TaskObject.Reference(task)))
    }

    private mutating func delete() -> TaskFlowEvent {
        let task = tasks.remove(at: tasks.indices.randomElement(using: &generator) ?? 0)
        return .taskDeleted(
            TaskDeleted(
                id: task.id, title: task.title, deletedAt: now, deletedBy: pick(Cast.people).id,
                deletion: TaskDeleted.Deletion(
                    mode: .soft, reason: .userRequest, restorableUntil: now + .seconds(30 * 86_400),
                    commentCount: Int.random(in: 0...5, using: &generator)),
                lastKnown: task))
    }

    /// Chooses a task, marks it as changed at the current time, and returns its index.
    private mutating func touch() -> Int {
        let index = tasks.indices.randomElement(using: &generator) ?? 0
        tasks[index].updatedAt = now
        tasks[index].version += 1
        return index
    }

    private mutating func pick<Element>(_ choices: [Element]) -> Element {
        choices[Int.random(in: 0..<choices.count, using: &generator)]
    }

    private mutating func hex() -> String {
        let digits = String(UInt32.random(in: 0...UInt32.max, using: &generator), radix: 16)
        return String(repeating: "0", count: 8 - digits.utf8.count) + digits
    }
}

/// The people, projects and texts of the stories.
private enum Cast {
    static let people = [
        TaskAssigned.Assignee(
            id: "user_456", name: "Marta Lindqvist", email: "marta@example.com", timezone: "Europe/Stockholm"),
        TaskAssigned.Assignee(
            id: "user_789", name: "Priya Nair", email: "priya.nair@example.com", timezone: "Europe/Lisbon"),
        TaskAssigned.Assignee(id: "user_321", name: "José Álvarez", email: nil, timezone: "America/Bogota"),
        TaskAssigned.Assignee(id: "user_654", name: "陳怡君", email: "yichun@example.com", timezone: "Asia/Taipei"),
    ]
    static let projects = [
        TaskObject.Project(id: "project_web01", name: "Website relaunch"),
        TaskObject.Project(id: "project_bil02", name: "Billing"),
        TaskObject.Project(id: "project_app03", name: "Mobile app"),
    ]
    static let verbs = ["Deploy", "Review", "Fix", "Document", "Translate", "Measure", "Design", "Retire"]
    static let things = [
        "the checkout page", "invoice e-mails", "the “new-billing” flag", "login on Safari", "the release notes",
        "push notifications", "café & bar import", "the nightly backup",
    ]
    static let labels = ["release", "backend", "frontend", "billing", "urgent", "customer"]
    static let descriptions = [
        "Roll out behind the `new-billing` flag.\n\n- staging first\n- then 10 %", "See the \"rollback\" page first.",
        "Größe prüfen, dann ausliefern.",
    ]
    static let comments = [
        "Staging is green, can you approve?", "Blocked by the certificate.", "Done on my side 🎉",
        "Please look at the attached log:\n```\nTypeError: 'changes'\n```",
    ]
}
