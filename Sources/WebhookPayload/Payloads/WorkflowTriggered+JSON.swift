internal import WebhookEvents

extension WorkflowTriggered: JSONReadable, JSONWritable {
    init(json: JSONView) throws(PayloadError) {
        var json = try JSONFields(json)
        self.init(
            id: try json.string("id"),
            name: try json.string("name"),
            version: try json.optionalInteger("version", minimum: 1) ?? 1,
            url: try json.optionalString("url") ?? "",
            run: try json.nested("run"),
            inputs: try json.members("inputs"),
            actions: try json.list("actions"),
            task: try json.optionalNested("task"))
    }

    func writeMembers(to json: inout JSONWriter) {
        json.write("id", id)
        json.write("name", name)
        json.write("version", version, minimum: 1)
        json.write("url", url)
        json.write("run", run)
        json.write("inputs", inputs)
        json.write("actions", actions)
        json.write("task", task)
    }
}

extension WorkflowTriggered.Run: JSONReadable, JSONWritable {
    init(json: JSONView) throws(PayloadError) {
        var json = try JSONFields(json)
        self.init(
            id: try json.string("id"),
            status: try json.open("status"),
            startedAt: try json.timestamp("started_at"),
            attempt: try json.optionalInteger("attempt", minimum: 1) ?? 1,
            depth: try json.optionalInteger("depth", minimum: 1) ?? 1,
            trigger: try json.nested("trigger"))
    }

    func writeMembers(to json: inout JSONWriter) {
        json.write("id", id)
        json.write("status", status)
        json.write("started_at", startedAt)
        json.write("attempt", attempt, minimum: 1)
        json.write("depth", depth, minimum: 1)
        json.write("trigger", trigger)
    }
}

extension WorkflowTriggered.Trigger: JSONReadable, JSONWritable {
    init(json: JSONView) throws(PayloadError) {
        var json = try JSONFields(json)
        self.init(
            kind: try json.open("kind"),
            eventID: try json.optionalString("event_id"),
            eventType: try json.optionalString("event_type"),
            rule: try json.optionalString("rule"))
    }

    func writeMembers(to json: inout JSONWriter) {
        json.write("kind", kind)
        json.write("event_id", eventID)
        json.write("event_type", eventType)
        json.write("rule", rule)
    }
}

extension WorkflowTriggered.Action: JSONReadable, JSONWritable {
    init(json: JSONView) throws(PayloadError) {
        var json = try JSONFields(json)
        self.init(
            id: try json.string("id"),
            type: try json.string("type"),
            position: try json.integer("position", minimum: 1),
            status: try json.open("status"))
    }

    func writeMembers(to json: inout JSONWriter) {
        json.write("id", id)
        json.write("type", type)
        json.write("position", position, minimum: 1)
        json.write("status", status)
    }
}
