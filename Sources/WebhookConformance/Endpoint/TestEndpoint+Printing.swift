internal import WebhookEvents

extension TestEndpoint.Request: CustomReflectable {
    /// The lengths of head and body.
    public var customMirror: Mirror {
        Mirror(
            self, children: ["head": Hidden.bytes(head.utf8.count), "body": Hidden.bytes(body.count)],
            displayStyle: .struct)
    }
}
