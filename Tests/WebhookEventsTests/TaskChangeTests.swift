import Testing
import WebhookEvents

@Suite("Task changes")
struct TaskChangeTests {
    let before = TaskObject(
        id: "task_1", title: "Deploy", status: .open, priority: .high, labels: ["release", "backend"],
        createdAt: Timestamp(unixSeconds: 1_707_583_522), updatedAt: Timestamp(unixSeconds: 1_707_583_522),
        url: "https://app.taskflow.example/tasks/task_1",
        customFields: ["environment": "production", "change_ticket": nil, "gone": 1])

    let moment = Timestamp(unixSeconds: 1_707_600_000)

    private func after(_ change: (inout TaskObject) -> Void) -> TaskObject {
        var after = before
        after.updatedAt = moment
        after.version += 1
        change(&after)
        return after
    }

    @Test("A change that receivers cannot see produces no event")
    func nothing() {
        #expect(TaskFlowEvent.changes(before: before, after: after { _ in }, at: moment).isEmpty)
    }

    @Test("Every changed field has both values; lists also have the added and removed elements")
    func fields() {
        let after = after { task in
            task.priority = .urgent
            task.labels = ["billing", "release"]
            task.dueAt = Timestamp(unixSeconds: 1_707_757_200)
            task.project = TaskObject.Project(id: "project_1", name: "Website")
            task.customFields = ["environment": "production", "change_ticket": "CHG-1042", "new": true]
        }
        let changes = TaskUpdated.FieldChange.between(before, after)
        let expected = [
            TaskUpdated.FieldChange(field: "priority", from: "high", to: "urgent"),
            TaskUpdated.FieldChange(field: "project", to: ["id": "project_1", "name": "Website"]),
            TaskUpdated.FieldChange(
                field: "labels", from: ["release", "backend"], to: ["billing", "release"], added: ["billing"],
                removed: ["backend"]),
            TaskUpdated.FieldChange(field: "due_at", to: "2024-02-12T17:00:00Z"),
            TaskUpdated.FieldChange(field: "custom_fields.change_ticket", to: "CHG-1042"),
            TaskUpdated.FieldChange(field: "custom_fields.gone", from: 1),
            TaskUpdated.FieldChange(field: "custom_fields.new", to: true),
        ]
        #expect(changes == expected)
        #expect(TaskFlowEvent.changes(before: before, after: after, at: moment).map(\.type) == [.taskUpdated])
    }

    @Test("A label in another Unicode normal form is a different label")
    func labelsOfTwoForms() {
        let (composed, decomposed) = ("caf\u{E9}", "cafe\u{301}")
        let change = TaskUpdated.FieldChange.between(
            after { $0.labels = [composed] }, after { $0.labels = [decomposed] }
        ).first
        let (added, removed) = (change?.added?.first?.string, change?.removed?.first?.string)
        #expect(added.map { Array($0.utf8) } == Array(decomposed.utf8))
        #expect(removed.map { Array($0.utf8) } == Array(composed.utf8))
    }

    @Test("A long text is replaced by its size")
    func longText() {
        let text = String(repeating: "x", count: TaskUpdated.FieldChange.maximumTextLength + 1)
        let changes = TaskUpdated.FieldChange.between(before, after { $0.description = text })
        #expect(changes.map(\.to) == [["omitted": true, "size_bytes": 65_537]])
        #expect(
            TaskUpdated.FieldChange.between(before, after { $0.description = String(text.dropLast()) })[0].to
                != changes[0].to)
        var other = before
        other.description = String(repeating: "y", count: text.utf8.count)
        #expect(
            TaskUpdated.FieldChange.between(after { $0.description = text }, other).count == 1,
            "same length, different text")
    }

    @Test("A text in another Unicode normal form is a change, because receivers compare bytes")
    func normalForms() {
        var (composed, decomposed) = (before, before)
        (composed.title, decomposed.title) = ("\u{E9}", "e\u{301}")
        (composed.labels, decomposed.labels) = (["\u{E9}"], ["e\u{301}"])
        (composed.customFields, decomposed.customFields) = (["a": ["b": "\u{E9}"]], ["a": ["b": "e\u{301}"]])
        #expect(
            TaskUpdated.FieldChange.between(composed, decomposed).map(\.field) == [
                "title", "labels", "custom_fields.a",
            ])
    }

    @Test("Assignment and completion follow the update, with their additional data")
    func derived() throws {
        let record = TaskAssigned.Assignment(assigneeID: "user_1", assignedAt: moment - .seconds(9))
        var assigned = before
        assigned.assigneeID = "user_1"
        let after = after { task in
            task.assigneeID = "user_2"
            task.status = .completed
            task.dueAt = Timestamp(unixSeconds: 1_707_599_999)
        }
        let events = TaskFlowEvent.changes(
            before: assigned, after: after, at: moment, changedBy: "user_9",
            people: { TaskAssigned.Assignee(id: $0, name: "Name of \($0)") }, history: [record])
        #expect(events.map(\.type) == [.taskUpdated, .taskAssigned, .taskCompleted])
        let assignment = try #require(TaskAssigned(events[1]))
        #expect(assignment.assignee?.name == "Name of user_2")
        #expect(assignment.previousAssignee?.id == "user_1")
        #expect(assignment.history.map(\.assigneeID) == ["user_2", "user_1"])
        #expect(assignment.history[1].unassignedAt == moment)
        #expect(assignment.historyTotal == 2)
        #expect(assignment.history[0].reason == assignment.reason)
        let completion = try #require(TaskCompleted(events[2]))
        #expect(completion.previousStatus == .open)
        #expect(completion.task.completedAt == moment)
        #expect(completion.task.completedBy == "user_9")
        #expect(completion.completedOnTime == false)
        #expect(completion.cycleTimeSeconds == 16_478)
    }

    @Test("Unassigning a task is an assignment without an assignee; completing it again is not a completion")
    func edges() throws {
        var assigned = before
        assigned.assigneeID = "user_1"
        let unassigned = TaskFlowEvent.changes(before: assigned, after: before, at: moment)
        let assignment = try #require(TaskAssigned(unassigned[1]))
        #expect(assignment.assignee == nil)
        #expect(assignment.reason == .unassigned)
        var done = before
        done.status = .completed
        let renamed = TaskFlowEvent.changes(before: done, after: after { $0.status = .completed }, at: moment)
        #expect(renamed.isEmpty)
    }
}
