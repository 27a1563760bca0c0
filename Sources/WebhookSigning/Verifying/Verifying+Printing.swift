internal import WebhookEvents

extension VerifiedPayload: CustomReflectable {
    /// How the body was proven, and its length.
    public var customMirror: Mirror {
        Mirror(self, children: ["body": Hidden.bytes(body.count), "proof": proof], displayStyle: .struct)
    }
}

extension StreamingVerification: CustomReflectable {
    /// How much was fed so far; the state of a keyed hash is as good as its key, and is not shown.
    public var customMirror: Mirror {
        Mirror(
            self, children: ["length": length, "maximumLength": maximumLength, "secrets": secrets.count],
            displayStyle: .struct)
    }
}
