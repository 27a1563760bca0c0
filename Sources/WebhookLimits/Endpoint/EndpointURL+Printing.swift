package import WebhookEvents

// Paths and queries of webhook URLs often contain tokens. ``EndpointURL/description`` is the whole URL, for use; debug
// output shows only its origin.

extension EndpointURL: CustomDebugStringConvertible, CustomReflectable {
    /// Scheme, host and port; the path and query are omitted because they may contain a token.
    public var debugDescription: String { Self.origin(of: description).description }

    /// Scheme, host and port; the path and query are omitted because they may contain a token.
    public var customMirror: Mirror { Mirror(self, children: ["origin": Self.origin(of: description)]) }

    /// Returns the printable part of a URL: `https://host:port/…`, or nothing if the text does not have that form.
    ///
    /// - Parameter text: The URL, validated or not.
    /// - Returns: The URL's scheme, host and port.
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

    /// Returns whether a byte is a letter, a digit or a separator of names and addresses.
    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: ".-_[]:".utf8.contains(byte)
        }
    }
}
