internal import WebhookEvents
internal import WebhookPayload

// Some tests run with real secrets, and their output ends up in the logs of build servers.

extension TestRequest: CustomReflectable {
    /// A mirror with the method, the header fields and the length of the body, without credentials and signatures.
    public var customMirror: Mirror {
        Mirror(
            self, children: ["method": method, "headers": headers, "body": Hidden.bytes(body.count)],
            displayStyle: .struct)
    }
}
