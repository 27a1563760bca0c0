internal import WebhookEvents

extension TaskObject: JSONReadable, JSONWritable {
    init(json: JSONView) throws(PayloadError) {
        var json = try JSONFields(json)
        self.init(
            id: try json.string("id"),
            title: try json.string("title"),
            description: try json.optionalString("description"),
            status: try json.open("status"),
            priority: try json.open("priority"),
            project: try json.optionalNested("project"),
            parentTaskID: try json.optionalString("parent_task_id"),
            labels: try json.strings("labels"),
            assigneeID: try json.optionalString("assignee_id"),
            createdBy: try json.optionalString("created_by"),
            dueAt: try json.optionalTimestamp("due_at"),
            estimateMinutes: try json.optionalInteger("estimate_minutes"),
            completedAt: try json.optionalTimestamp("completed_at"),
            completedBy: try json.optionalString("completed_by"),
            createdAt: try json.optionalTimestamp("created_at"),
            updatedAt: try json.optionalTimestamp("updated_at"),
            version: try json.optionalInteger("version", minimum: 1) ?? 1,
            url: try json.optionalString("url") ?? "",
            customFields: try json.members("custom_fields"))
    }

    func writeMembers(to json: inout JSONWriter) {
        json.write("id", id)
        json.write("title", title)
        json.write("description", description)
        json.write("status", status)
        json.write("priority", priority)
        json.write("project", project)
        json.write("parent_task_id", parentTaskID)
        json.write("labels", labels)
        json.write("assignee_id", assigneeID)
        json.write("created_by", createdBy)
        json.write("due_at", dueAt)
        json.write("estimate_minutes", estimateMinutes)
        json.write("completed_at", completedAt)
        json.write("completed_by", completedBy)
        json.write("created_at", createdAt)
        json.write("updated_at", updatedAt)
        json.write("version", version, minimum: 1)
        json.write("url", url)
        json.write("custom_fields", customFields)
    }
}

extension TaskObject.Project: JSONReadable, JSONWritable {
    init(json: JSONView) throws(PayloadError) {
        var json = try JSONFields(json)
        self.init(id: try json.string("id"), name: try json.string("name"))
    }

    func writeMembers(to json: inout JSONWriter) {
        json.write("id", id)
        json.write("name", name)
    }
}

extension TaskObject.Reference: JSONReadable, JSONWritable {
    init(json: JSONView) throws(PayloadError) {
        var json = try JSONFields(json)
        self.init(
            id: try json.string("id"),
            title: try json.string("title"),
            status: try json.open("status"),
            priority: try json.open("priority"),
            assigneeID: try json.optionalString("assignee_id"),
            url: try json.optionalString("url") ?? "")
    }

    func writeMembers(to json: inout JSONWriter) {
        json.write("id", id)
        json.write("title", title)
        json.write("status", status)
        json.write("priority", priority)
        json.write("assignee_id", assigneeID)
        json.write("url", url)
    }
}
