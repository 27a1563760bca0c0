internal import WebhookEvents

extension AESGCMSealing.Key: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The key's identifier, never the key.
    public var description: String { "AESGCMSealing.Key(\(String(decoding: id, as: UTF8.self)))" }
    /// The key's identifier, never the key.
    public var debugDescription: String { description }
    /// Shows reflection the identifier only.
    public var customMirror: Mirror { Mirror(self, children: ["id": String(decoding: id, as: UTF8.self)]) }
}

extension KeyMaterial: CustomReflectable {
    /// Shows reflection the length only.
    package var customMirror: Mirror { Mirror(self, children: ["bytes": Hidden.bytes(bytes.count)]) }
}
