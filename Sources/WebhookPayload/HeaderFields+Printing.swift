internal import WebhookEvents

// Header fields carry credentials under any name: webhooks have custom fields, and frameworks hand on cookies and tokens. So a
// value is printed only when its name is known to be harmless. Signatures are hidden as well: a body and its signature are all that
// a replay needs.

extension HeaderFields: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The field lines in order, separated by commas; values are shown only of names that never carry a credential.
    public var description: String { fields.map(\.description).joined(separator: ", ") }

    /// The same as ``description``.
    public var debugDescription: String { "[\(description)]" }

    /// The names, with the values of those that never carry a credential.
    public var customMirror: Mirror {
        Mirror(self, children: fields.map { (label: $0.name, value: $0.shownValue) }, displayStyle: .dictionary)
    }
}

extension HeaderFields.Field: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The line; its value is shown only when the name never carries a credential.
    public var description: String { "\(name): \(shownValue)" }

    /// The same as ``description``.
    public var debugDescription: String { description }

    /// The name, and the value when the name never carries a credential.
    public var customMirror: Mirror {
        Mirror(self, children: ["name": name, "value": shownValue], displayStyle: .struct)
    }

    fileprivate var shownValue: Hidden {
        Self.harmless.contains(name.lowercased()) ? .shown(value) : .value
    }

    /// What describes the message and holds nothing that grants a right.
    private static let harmless: Set<String> = [
        "accept", "accept-encoding", "allow", "cache-control", "connection", "content-encoding", "content-length",
        "content-type", "date", "host", "retry-after", "server", "transfer-encoding", "user-agent", "www-authenticate",
        "ce-id", "ce-source", "ce-specversion", "ce-subject", "ce-time", "ce-type", "webhook-id", "webhook-timestamp",
        "idempotency-key", "x-request-id", "x-taskflow-delivery-attempt", "x-taskflow-delivery-id", "x-taskflow-event",
        "x-taskflow-test", "x-taskflow-webhook-id",
    ]
}
