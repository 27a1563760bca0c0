internal import WebhookEvents
internal import WebhookPayload

// Tests run with real secrets, too, and their output ends in logs of build servers.

extension TestRequest: CustomReflectable {
    /// The method, the fields and the length of the body; no credentials and no signatures.
    public var customMirror: Mirror {
        Mirror(
            self, children: ["method": method, "headers": headers, "body": Hidden.bytes(body.count)],
            displayStyle: .struct)
    }
}
