package import WebhookEvents

// Paths and queries of webhook URLs often carry tokens. ``EndpointURL/description`` is the URL itself, for use; what debugging
// prints shows where the URL leads and not what grants access there.

extension EndpointURL: CustomDebugStringConvertible, CustomReflectable {
    /// Scheme, host and port; the path and query, which may carry a token, are left out.
    public var debugDescription: String { Self.origin(of: description).description }

    /// Scheme, host and port; the path and query, which may carry a token, are left out.
    public var customMirror: Mirror { Mirror(self, children: ["origin": Self.origin(of: description)]) }

    /// What may be printed of a URL: `https://host:port/…`, or nothing of a text that has anything else before its path.
    ///
    /// - Parameter text: The URL, checked or not.
    /// - Returns: Its scheme, host and port.
    package static func origin(of text: String) -> Hidden {
        let lower = text.lowercased()
        guard let scheme = ["https://", "http://"].first(where: lower.hasPrefix) else { return .value }
        let rest = text.utf8.dropFirst(scheme.utf8.count)
        let end = rest.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? rest.endIndex
        guard let (host, port) = try? split(Array(rest[..<end])[...]), !host.isEmpty, host.allSatisfy(isHostByte),
            port?.allSatisfy({ (0x30...0x39).contains($0) }) ?? true
        else { return .value }
        return .shown(scheme + String(decoding: rest[..<end], as: UTF8.self) + (end == rest.endIndex ? "" : "/…"))
    }

    /// A letter, a digit, or what stands between them in a name or an address.
    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: ".-_[]:".utf8.contains(byte)
        }
    }
}
