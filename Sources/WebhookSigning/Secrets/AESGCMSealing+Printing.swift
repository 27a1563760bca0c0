internal import WebhookEvents

extension AESGCMSealing.Key: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The identifier of the key, never the key itself.
    public var description: String { "AESGCMSealing.Key(\(String(decoding: id, as: UTF8.self)))" }
    /// The identifier of the key, never the key itself.
    public var debugDescription: String { description }
    /// A mirror that shows only the identifier.
    public var customMirror: Mirror { Mirror(self, children: ["id": String(decoding: id, as: UTF8.self)]) }
}

extension KeyMaterial: CustomReflectable {
    /// A mirror that shows only the length.
    package var customMirror: Mirror { Mirror(self, children: ["bytes": Hidden.bytes(bytes.count)]) }
}
