internal import WebhookEvents

// The data of a task event is the task with additional members, so both parts are decoded from the same object.

extension TaskCreated: JSONReadable, JSONWritable {
    init(json: JSONView) throws(PayloadError) { self.init(try TaskObject(json: json)) }

    func writeMembers(to json: inout JSONWriter) { task.writeMembers(to: &json) }
}

extension TaskCompleted: JSONReadable, JSONWritable {
    init(json: JSONView) throws(PayloadError) {
        var fields = try JSONFields(json)
        self.init(
            task: try TaskObject(json: json),
            previousStatus: try fields.optionalString("previous_status").map(TaskObject.Status.init(rawValue:)),
            completedOnTime: try fields.optionalBool("completed_on_time"),
            cycleTimeSeconds: try fields.optionalInteger("cycle_time_seconds"))
    }

    func writeMembers(to json: inout JSONWriter) {
        task.writeMembers(to: &json)
        json.write("previous_status", previousStatus)
        json.write("completed_on_time", completedOnTime)
        json.write("cycle_time_seconds", cycleTimeSeconds)
    }
}

extension TaskDeleted: JSONReadable, JSONWritable {
    init(json: JSONView) throws(PayloadError) {
        var json = try JSONFields(json)
        self.init(
            id: try json.string("id"),
            title: try json.optionalString("title") ?? "",
            deletedAt: try json.timestamp("deleted_at"),
            deletedBy: try json.optionalString("deleted_by"),
            deletion: try json.nested("deletion"),
            lastKnown: try json.optionalNested("last_known"))
    }

    func writeMembers(to json: inout JSONWriter) {
        json.write("id", id)
        json.write("deleted", true)
        json.write("title", title)
        json.write("deleted_at", deletedAt)
        json.write("deleted_by", deletedBy)
        json.write("deletion", deletion)
        json.write("last_known", lastKnown)
    }
}

extension TaskDeleted.Deletion: JSONReadable, JSONWritable {
    init(json: JSONView) throws(PayloadError) {
        var json = try JSONFields(json)
        let cascade: Cascade? = try json.optionalNested("cascade")
        self.init(
            mode: try json.open("mode"),
            reason: try json.open("reason"),
            mergedIntoTaskID: try json.optionalString("merged_into_task_id"),
            restorableUntil: try json.optionalTimestamp("restorable_until"),
            parentDeleted: try json.optionalBool("parent_deleted") ?? false,
            subtaskIDs: cascade?.subtaskIDs ?? [],
            commentCount: cascade?.comments ?? 0,
            attachmentCount: cascade?.attachments ?? 0)
    }

    func writeMembers(to json: inout JSONWriter) {
        json.write("mode", mode)
        json.write("reason", reason)
        json.write("merged_into_task_id", mergedIntoTaskID)
        json.write("restorable_until", restorableUntil)
        json.write("parent_deleted", parentDeleted)
        json.write("cascade", Cascade(self))
    }
}

/// The objects deleted with a task, which are a separate object on the wire.
private struct Cascade: JSONReadable, JSONWritable {
    let subtaskIDs: [String]
    let comments: Int
    let attachments: Int

    init(_ deletion: TaskDeleted.Deletion) {
        self.subtaskIDs = deletion.subtaskIDs
        self.comments = deletion.commentCount
        self.attachments = deletion.attachmentCount
    }

    init(json: JSONView) throws(PayloadError) {
        var json = try JSONFields(json)
        self.subtaskIDs = try json.strings("subtask_ids")
        self.comments = try json.optionalInteger("comment_count") ?? 0
        self.attachments = try json.optionalInteger("attachment_count") ?? 0
    }

    func writeMembers(to json: inout JSONWriter) {
        json.write("subtask_ids", subtaskIDs)
        json.write("comment_count", comments)
        json.write("attachment_count", attachments)
    }
}
