extension TaskFlowEvent {
    /// Returns the events of one change: `task.updated`, then `task.assigned` and `task.completed` if they apply.
    ///
    /// With `task.updated` alone, a receiver can maintain a mirror; with `task.completed` alone, it sees every
    /// completion. Publish the events in this order, with the same request identifier and increasing sequences.
    ///
    /// - Parameters:
    ///   - before: The task before the change.
    ///   - after: The same task after the change.
    ///   - moment: The time of the change.
    ///   - changedBy: The identifier of the actor that made the change; `nil` for automations.
    ///   - people: Returns the assignee for an identifier. By default, the identifier is also the name.
    ///   - history: The latest assignments before the change, newest first.
    ///   - historyTotal: The number of assignments before the change. By default, the number in `history`.
    /// - Returns: The events; empty if nothing changed that receivers can see.
    /// - Precondition: `before` and `after` have the same identifier.
    public static func changes(
        before: TaskObject, after: TaskObject, at moment: Timestamp, changedBy: String? = nil,
        people: (String) -> TaskAssigned.Assignee = { TaskAssigned.Assignee(id: $0, name: $0) },
        history: [TaskAssigned.Assignment] = [],
        historyTotal: Int? = nil
    ) -> [TaskFlowEvent] {
        precondition(before.id == after.id, "before and after must be the same task")
        var after = after
        let isCompletion = before.status != .completed && after.status == .completed
        if isCompletion, after.completedAt == nil { after.completedAt = moment }
        if isCompletion, after.completedBy == nil { after.completedBy = changedBy }
        let fields = TaskUpdated.FieldChange.between(before, after)
        guard !fields.isEmpty else { return [] }
        var events: [TaskFlowEvent] = [.taskUpdated(TaskUpdated(task: after, changes: fields))]
        if before.assigneeID != after.assigneeID {
            events.append(
                .taskAssigned(
                    TaskAssigned(
                        from: before, to: after, at: moment, changedBy: changedBy, people: people, history: history,
                        historyTotal: historyTotal ?? history.count)))
        }
        if isCompletion {
            events.append(.taskCompleted(TaskCompleted(from: before, to: after, at: moment)))
        }
        return events
    }
}

extension TaskUpdated.FieldChange {
    /// The maximum length of a text in a change, in bytes; a longer text is replaced by its size.
    public static let maximumTextLength = 65_536

    /// Returns the differences between two states of a task, in the order of its members.
    ///
    /// `updated_at` and `version` are omitted, because they differ after every change.
    ///
    /// - Parameters:
    ///   - before: The task before the change.
    ///   - after: The task after the change.
    /// - Returns: One entry per changed field; a custom field is named `custom_fields.NAME`.
    public static func between(_ before: TaskObject, _ after: TaskObject) -> [TaskUpdated.FieldChange] {
        var changes: [TaskUpdated.FieldChange] = []
        func add(_ field: String, _ from: JSONValue, _ to: JSONValue) {
            guard !from.isIdentical(to: to) else { return }
            changes.append(TaskUpdated.FieldChange(field: field, from: from.shortened, to: to.shortened))
        }
        add("title", .text(before.title), .text(after.title))
        add("description", .text(before.description), .text(after.description))
        add("status", .text(before.status.rawValue), .text(after.status.rawValue))
        add("priority", .text(before.priority.rawValue), .text(after.priority.rawValue))
        add("project", .project(before.project), .project(after.project))
        add("parent_task_id", .text(before.parentTaskID), .text(after.parentTaskID))
        if !before.labels.elementsEqual(after.labels, by: isIdentical) {
            changes.append(labels(before.labels, after.labels))
        }
        add("assignee_id", .text(before.assigneeID), .text(after.assigneeID))
        add("created_by", .text(before.createdBy), .text(after.createdBy))
        add("due_at", .text(before.dueAt?.rfc3339), .text(after.dueAt?.rfc3339))
        add("estimate_minutes", .integer(before.estimateMinutes), .integer(after.estimateMinutes))
        add("completed_at", .text(before.completedAt?.rfc3339), .text(after.completedAt?.rfc3339))
        add("completed_by", .text(before.completedBy), .text(after.completedBy))
        add("url", .text(before.url), .text(after.url))
        for name in names(before.customFields, after.customFields) {
            add("custom_fields.\(name)", before.customFields[name] ?? .null, after.customFields[name] ?? .null)
        }
        return changes
    }

    private static func labels(_ before: [String], _ after: [String]) -> TaskUpdated.FieldChange {
        TaskUpdated.FieldChange(
            field: "labels", from: .array(before.map(JSONValue.string)), to: .array(after.map(JSONValue.string)),
            added: after.without(before).map(JSONValue.string), removed: before.without(after).map(JSONValue.string))
    }

    /// Returns the names in either object, those of the old one first.
    private static func names(_ before: JSONValue.Members, _ after: JSONValue.Members) -> [String] {
        let old = before.members.map(\.name)
        return old + after.members.map(\.name).filter { before[$0] == nil }
    }
}

private func isIdentical(_ one: String, _ other: String) -> Bool { one.utf8.elementsEqual(other.utf8) }

extension [String] {
    fileprivate func without(_ others: [String]) -> [String] {
        filter { text in !others.contains { isIdentical($0, text) } }
    }
}

extension JSONValue {
    fileprivate static func text(_ text: String?) -> JSONValue { text.map(JSONValue.string) ?? .null }

    /// The value, or its size if it is a text over the maximum length.
    fileprivate var shortened: JSONValue {
        guard case .string(let text) = self, text.utf8.count > TaskUpdated.FieldChange.maximumTextLength else {
            return self
        }
        return ["omitted": true, "size_bytes": .number(JSONValue.Number(text.utf8.count))]
    }

    /// Returns whether two values have the same bytes; `==` treats two Unicode normal forms of a text as equal.
    fileprivate func isIdentical(to other: JSONValue) -> Bool {
        switch (self, other) {
        case (.string(let one), .string(let other)): WebhookEvents.isIdentical(one, other)
        case (.array(let one), .array(let other)): one.elementsEqual(other) { $0.isIdentical(to: $1) }
        case (.object(let one), .object(let other)):
            one.members.elementsEqual(other.members) {
                WebhookEvents.isIdentical($0.name, $1.name) && $0.value.isIdentical(to: $1.value)
            }
        default: self == other
        }
    }

    fileprivate static func integer(_ value: Int?) -> JSONValue { value.map { .number(JSONValue.Number($0)) } ?? .null }

    fileprivate static func project(_ project: TaskObject.Project?) -> JSONValue {
        project.map { ["id": .string($0.id), "name": .string($0.name)] } ?? .null
    }
}

extension TaskAssigned {
    fileprivate init(
        from before: TaskObject, to after: TaskObject, at moment: Timestamp, changedBy: String?,
        people: (String) -> TaskAssigned.Assignee, history: [TaskAssigned.Assignment], historyTotal: Int
    ) {
        var records = history
        if !records.isEmpty, records[0].unassignedAt == nil { records[0].unassignedAt = moment }
        let assignee = after.assigneeID.map(people)
        let reason: TaskAssigned.Reason = assignee == nil ? .unassigned : changedBy == nil ? .rule : .manual
        if let assignee {
            records.insert(
                TaskAssigned.Assignment(
                    assigneeID: assignee.id, assigneeName: assignee.name, assignedBy: changedBy,
                    assignedAt: moment, reason: reason),
                at: 0)
        }
        self.init(
            task: after, assignee: assignee, previousAssignee: before.assigneeID.map(people), assignedBy: changedBy,
            assignedAt: moment, reason: reason, history: Array(records.prefix(Self.maximumHistory)),
            historyTotal: historyTotal + (assignee == nil ? 0 : 1))
    }
}

extension TaskCompleted {
    fileprivate init(from before: TaskObject, to after: TaskObject, at moment: Timestamp) {
        let completedAt = after.completedAt ?? moment
        self.init(
            task: after, previousStatus: before.status, completedOnTime: after.dueAt.map { completedAt <= $0 },
            cycleTimeSeconds: after.createdAt.map { Int((completedAt - $0).components.seconds) })
    }
}
