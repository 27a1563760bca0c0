internal import WebhookEvents

extension TaskUpdated: JSONReadable, JSONWritable {
    init(json: JSONView) throws(PayloadError) {
        var fields = try JSONFields(json)
        var changes: [TaskUpdated.FieldChange] = []
        if let view = fields.view("changes") {
            guard view.isObject else { throw .invalid("changes", expected: "an object") }
            changes = try view.map { change throws(PayloadError) in
                let field = change.name
                do throws(PayloadError) { return try TaskUpdated.FieldChange(field: field, json: change) } catch {
                    throw error.inside(field).inside("changes")
                }
            }
        }
        self.init(task: try TaskObject(json: json), changes: changes)
    }

    func writeMembers(to json: inout JSONWriter) {
        task.writeMembers(to: &json)
        json.write("changed_fields", changes.map(\.field).sorted())
        json.name("changes")
        json.object { json in
            for change in changes {
                json.name(change.field)
                json.write(change)
            }
        }
    }
}

extension TaskUpdated.FieldChange: JSONWritable {
    init(field: String, json: JSONView) throws(PayloadError) {
        var json = try JSONFields(json)
        self.init(
            field: field,
            from: json.view("from")?.value ?? .null,
            to: json.view("to")?.value ?? .null,
            added: json.view("added")?.elements,
            removed: json.view("removed")?.elements)
    }

    func writeMembers(to json: inout JSONWriter) {
        json.write("from", from)
        json.write("to", to)
        if let added { json.write("added", .array(added)) }
        if let removed { json.write("removed", .array(removed)) }
    }
}

extension TaskAssigned: JSONReadable, JSONWritable {
    init(json: JSONView) throws(PayloadError) {
        var fields = try JSONFields(json)
        let history: [TaskAssigned.Assignment] = try fields.list("assignment_history")
        self.init(
            task: try TaskObject(json: json),
            assignee: try fields.optionalNested("assignee"),
            previousAssignee: try fields.optionalNested("previous_assignee"),
            assignedBy: try fields.optionalString("assigned_by"),
            assignedAt: try fields.timestamp("assigned_at"),
            reason: try fields.open("reason"),
            history: history,
            historyTotal: try fields.optionalInteger("assignment_history_total") ?? history.count)
    }

    func writeMembers(to json: inout JSONWriter) {
        task.writeMembers(to: &json)
        json.write("assignee", assignee)
        json.write("previous_assignee", previousAssignee)
        json.write("assigned_by", assignedBy)
        json.write("assigned_at", assignedAt)
        json.write("reason", reason)
        json.write("assignment_history", history)
        json.write("assignment_history_total", historyTotal)
    }
}

extension TaskAssigned.Assignee: JSONReadable, JSONWritable {
    init(json: JSONView) throws(PayloadError) {
        var json = try JSONFields(json)
        self.init(
            id: try json.string("id"),
            type: try json.open("type"),
            name: try json.string("name"),
            email: try json.optionalString("email"),
            avatarURL: try json.optionalString("avatar_url"),
            timezone: try json.optionalString("timezone"))
    }

    func writeMembers(to json: inout JSONWriter) {
        json.write("id", id)
        json.write("type", type)
        json.write("name", name)
        json.write("email", email)
        json.write("avatar_url", avatarURL)
        json.write("timezone", timezone)
    }
}

extension TaskAssigned.Assignment: JSONReadable, JSONWritable {
    init(json: JSONView) throws(PayloadError) {
        var json = try JSONFields(json)
        self.init(
            assigneeID: try json.string("assignee_id"),
            assigneeName: try json.optionalString("assignee_name"),
            assignedBy: try json.optionalString("assigned_by"),
            assignedAt: try json.timestamp("assigned_at"),
            unassignedAt: try json.optionalTimestamp("unassigned_at"),
            reason: try json.open("reason"))
    }

    func writeMembers(to json: inout JSONWriter) {
        json.write("assignee_id", assigneeID)
        json.write("assignee_name", assigneeName)
        json.write("assigned_by", assignedBy)
        json.write("assigned_at", assignedAt)
        json.write("unassigned_at", unassignedAt)
        json.write("reason", reason)
    }
}
