internal import WebhookEvents
internal import WebhookPayload

// The request and the response of a registration can contain the webhook's secret, so bodies are not printed.

extension APIRequest: CustomReflectable {
    /// The request without its credentials, the text of its query and its body.
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
    /// The status, the header fields and the length of the body.
    public var customMirror: Mirror {
        Mirror(
            self, children: ["status": status, "headers": headers, "body": Hidden.bytes(body.count)],
            displayStyle: .struct)
    }
}
