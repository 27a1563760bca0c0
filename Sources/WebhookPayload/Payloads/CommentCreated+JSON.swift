internal import WebhookEvents

extension CommentCreated: JSONReadable, JSONWritable {
    init(json: JSONView) throws(PayloadError) {
        var json = try JSONFields(json)
        self.init(
            id: try json.string("id"),
            body: try json.string("body"),
            bodyFormat: try json.optionalString("body_format") ?? "markdown",
            author: try json.nested("author"),
            parentCommentID: try json.optionalString("parent_comment_id"),
            mentions: try json.strings("mentions"),
            attachments: try json.list("attachments"),
            createdAt: try json.timestamp("created_at"),
            editedAt: try json.optionalTimestamp("edited_at"),
            url: try json.optionalString("url") ?? "",
            task: try json.nested("task"))
    }

    func writeMembers(to json: inout JSONWriter) {
        json.write("id", id)
        json.write("body", body)
        json.write("body_format", bodyFormat)
        json.write("author", author)
        json.write("parent_comment_id", parentCommentID)
        json.write("mentions", mentions)
        json.write("attachments", attachments)
        json.write("created_at", createdAt)
        json.write("edited_at", editedAt)
        json.write("url", url)
        json.write("task", task)
    }
}

extension CommentCreated.Author: JSONReadable, JSONWritable {
    init(json: JSONView) throws(PayloadError) {
        var json = try JSONFields(json)
        self.init(id: try json.string("id"), type: try json.open("type"), name: try json.string("name"))
    }

    func writeMembers(to json: inout JSONWriter) {
        json.write("id", id)
        json.write("type", type)
        json.write("name", name)
    }
}

extension CommentCreated.Attachment: JSONReadable, JSONWritable {
    init(json: JSONView) throws(PayloadError) {
        var json = try JSONFields(json)
        self.init(
            id: try json.string("id"),
            name: try json.string("name"),
            contentType: try json.string("content_type"),
            sizeBytes: try json.integer("size_bytes"))
    }

    func writeMembers(to json: inout JSONWriter) {
        json.write("id", id)
        json.write("name", name)
        json.write("content_type", contentType)
        json.write("size_bytes", sizeBytes)
    }
}
