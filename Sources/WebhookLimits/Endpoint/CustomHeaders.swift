public import WebhookPayload

/// Additional header fields that a webhook's owner wants in every request, such as a key for a gateway.
///
/// The values may be secret, so descriptions, logs and dumps hide them.
public struct CustomHeaders: Sendable, Hashable {
    /// The maximum number of fields.
    public static let maximumCount = 20
    /// The maximum length of all names and values together, in bytes.
    ///
    /// By default, Jetty and Tomcat accept a request head of 8 KiB, Node 16 KiB, and nginx 8 KiB per line. The request
    /// line, TaskFlow's own fields and the signatures of a rotation need up to 4 KiB.
    public static let maximumLength = 4096

    /// The fields, in order.
    public let fields: HeaderFields

    /// No fields.
    public static let none = CustomHeaders(unchecked: [:])

    /// Validates fields.
    ///
    /// - Parameter fields: The fields, in order. No name may occur twice, ignoring case.
    /// - Throws: ``EndpointError`` for names that are not tokens (RFC 9110, section 5.1) or are reserved, for values
    ///   with anything but visible ASCII characters and inner spaces, and for too many or too long fields.
    public init(_ fields: HeaderFields) throws(EndpointError) {
        guard fields.lines.count <= Self.maximumCount else { throw .tooLarge }
        var length = 0
        var names: Set<String> = []
        for (index, field) in fields.lines.enumerated() {
            guard (1...128).contains(field.name.utf8.count), field.name.utf8.allSatisfy(Self.isTokenByte) else {
                throw EndpointError(
                    .headerName, "Custom header \(index + 1) has a name that HTTP does not allow",
                    hint: "Names are 1 to 128 letters, digits and hyphens.")
            }
            let name = Self.folded(field.name)
            guard !Self.reserved.contains(name), !Self.reservedPrefixes.contains(where: name.hasPrefix) else {
                throw EndpointError(
                    .reservedHeader, "The header \(field.name) cannot be set",
                    hint: "The sender or HTTP sets it.")
            }
            guard names.insert(name).inserted else {
                throw EndpointError(
                    .headerName, "The header \(field.name) occurs twice",
                    hint: "Send it once; receivers differ on which value they use.")
            }
            guard Self.isValue(field.value) else {
                throw EndpointError(
                    .headerValue, "The value of the header \(field.name) has a forbidden character",
                    hint: "Use visible ASCII characters, and spaces only between them.")
            }
            length += field.name.utf8.count + field.value.utf8.count
        }
        guard length <= Self.maximumLength else { throw .tooLarge }
        self.fields = fields
    }

    /// Creates headers from fields that were validated at registration.
    ///
    /// Rules that were added later must not make a stored webhook unreadable. The sender again rejects fields that
    /// could alter the request.
    package init(unchecked fields: HeaderFields) { self.fields = fields }

    /// Whether there are no fields.
    public var isEmpty: Bool { fields.lines.isEmpty }

    /// Returns the name in lower case with `-` for `_`, because many servers treat the two as the same.
    private static func folded(_ name: String) -> String {
        String(decoding: name.lowercased().utf8.map { $0 == UInt8(ascii: "_") ? UInt8(ascii: "-") : $0 }, as: UTF8.self)
    }

    /// Returns whether a byte is a `tchar` (RFC 9110, section 5.6.2).
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }

    private static func isValue(_ value: String) -> Bool {
        value.utf8.allSatisfy { (0x20...0x7E).contains($0) } && value.utf8.first != 0x20 && value.utf8.last != 0x20
    }

    /// The names that HTTP/1.1 uses, that the engine sets, that describe the body, that proxies and frameworks act on, and that unlock
    /// metadata services.
    private static let reserved: Set<String> = [
        "host", "content-length", "transfer-encoding", "connection", "keep-alive", "te", "trailer", "upgrade", "expect",
        "content-type", "content-encoding", "content-range", "accept-encoding", "range", "date", "user-agent", "via",
        "forwarded", "x-real-ip", "x-client-ip", "true-client-ip", "cf-connecting-ip", "idempotency-key",
        "http2-settings",
        "proxy", "x-http-method", "x-http-method-override", "x-method-override", "x-original-url", "x-rewrite-url",
        "metadata", "metadata-flavor", "traceparent", "tracestate",
    ]
    private static let reservedPrefixes = [
        "x-taskflow-", "webhook-", "svix-", "ce-", "proxy-", "sec-", "x-forwarded-", "x-aws-ec2-metadata-",
    ]
}

extension EndpointError {
    fileprivate static var tooLarge: EndpointError {
        EndpointError(
            .headersTooLarge, "The custom headers are too many or too long",
            hint: "Use at most \(CustomHeaders.maximumCount), with \(CustomHeaders.maximumLength) bytes together.")
    }
}

extension CustomHeaders: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The names only, because values may be secret.
    public var description: String { fields.lines.map { "\($0.name): ‹hidden›" }.joined(separator: ", ") }

    /// The names only, because values may be secret.
    public var debugDescription: String { description }

    /// The names only, because values may be secret.
    public var customMirror: Mirror { Mirror(self, children: [(label: "names", value: description)]) }
}
