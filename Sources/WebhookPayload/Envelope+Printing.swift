internal import WebhookEvents

extension Envelope: CustomReflectable {
    /// A mirror that shows the envelope without its data: of ``bytes``, it shows only the count.
    public var customMirror: Mirror {
        Mirror(
            self,
            children: [
                "id": id, "type": type, "timestamp": timestamp, "metadata": metadata,
                "bytes": Hidden.bytes(bytes.count),
            ], displayStyle: .struct)
    }
}
