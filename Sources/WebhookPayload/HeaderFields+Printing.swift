internal import WebhookEvents

// A header field with any name may carry credentials: webhooks have custom fields, and frameworks forward cookies and
// tokens. A value is therefore printed only if its name is known to be harmless. Signatures are hidden as well,
// because a body and its signature are all that a replay attack needs.

extension HeaderFields: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The field lines in order, separated by commas; a value is shown only if its name never carries a credential.
    public var description: String { lines.map(\.description).joined(separator: ", ") }

    /// The same as ``description``.
    public var debugDescription: String { "[\(description)]" }

    /// A mirror of the fields that shows a value only if its name never carries a credential.
    public var customMirror: Mirror {
        Mirror(self, children: lines.map { (label: $0.name, value: $0.shownValue) }, displayStyle: .dictionary)
    }
}

extension HeaderFields.Field: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The field line; its value is shown only if the name never carries a credential.
    public var description: String { "\(name): \(shownValue)" }

    /// The same as ``description``.
    public var debugDescription: String { description }

    /// A mirror of the name and the value; the value is shown only if the name never carries a credential.
    public var customMirror: Mirror {
        Mirror(self, children: ["name": name, "value": shownValue], displayStyle: .struct)
    }

    fileprivate var shownValue: Hidden {
        Self.harmless.contains(name.lowercased()) ? .shown(value) : .value
    }

    /// The names of fields that describe the message and carry no credentials.
    private static let harmless: Set<String> = [
        "accept", "accept-encoding", "allow", "cache-control", "connection", "content-encoding", "content-length",
        "content-type", "date", "host", "retry-after", "server", "transfer-encoding", "user-agent", "www-authenticate",
        "ce-id", "ce-source", "ce-specversion", "ce-subject", "ce-time", "ce-type", "webhook-id", "webhook-timestamp",
        "idempotency-key", "x-request-id", "x-taskflow-delivery-attempt", "x-taskflow-delivery-id", "x-taskflow-event",
        "x-taskflow-test", "x-taskflow-webhook-id",
    ]
}
