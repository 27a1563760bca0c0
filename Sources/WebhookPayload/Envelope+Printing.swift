internal import WebhookEvents

extension Envelope: CustomReflectable {
    /// What the envelope says about the event, without its data: that is in ``bytes``, of which the count is shown.
    public var customMirror: Mirror {
        Mirror(
            self,
            children: [
                "id": id, "type": type, "timestamp": timestamp, "metadata": metadata,
                "bytes": Hidden.bytes(bytes.count),
            ], displayStyle: .struct)
    }
}
