internal import WebhookEvents
internal import WebhookPayload

// Registering a webhook sends its secret in a body, and gives it back in one.

extension APIRequest: CustomReflectable {
    /// What is asked for, without credentials, the query's text and the body.
    public var customMirror: Mirror {
        Mirror(
            self,
            children: [
                "method": method, "path": path, "query": Hidden.bytes(query.utf8.count), "headers": headers,
                "body": Hidden.bytes(body.count), "principal": principal as Any,
            ], displayStyle: .struct)
    }
}

extension APIResponse: CustomReflectable {
    /// The status, the fields and the length of the body.
    public var customMirror: Mirror {
        Mirror(
            self, children: ["status": status, "headers": headers, "body": Hidden.bytes(body.count)],
            displayStyle: .struct)
    }
}
