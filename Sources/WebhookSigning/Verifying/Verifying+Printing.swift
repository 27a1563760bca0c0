internal import WebhookEvents

extension VerifiedPayload: CustomReflectable {
    /// A mirror that shows the proof, and only the length of the body.
    public var customMirror: Mirror {
        Mirror(self, children: ["body": Hidden.bytes(body.count), "proof": proof], displayStyle: .struct)
    }
}

extension StreamingVerification: CustomReflectable {
    /// A mirror that shows the lengths; the state of a keyed hash is as sensitive as its key and is not shown.
    public var customMirror: Mirror {
        Mirror(
            self, children: ["length": length, "maximumLength": maximumLength, "secrets": secrets.count],
            displayStyle: .struct)
    }
}
