package import WebhookDelivery
internal import WebhookLimits
internal import WebhookPayload
internal import WebhookRetries

/// The request line and the fields of a request, as bytes.
package struct RequestHead {
    package let bytes: [UInt8]

    /// Writes the head, and checks once more that nothing in it can end a line: whatever registered it may have been another
    /// version, or somebody's own code.
    ///
    /// - Throws: `TransportError` with `TransportFailure.invalidRequest`.
    package init(_ request: WebhookRequest) throws(TransportError) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(1024)
        bytes += "POST ".utf8
        try Self.append(request.url.target, to: &bytes) { (0x21...0x7E).contains($0) }
        bytes += " HTTP/1.1\r\nHost: ".utf8
        bytes += request.url.authority.utf8
        for field in request.headers.fields {
            bytes += "\r\n".utf8
            guard !field.name.isEmpty, !Self.framing.contains(where: { field.isNamed($0) }) else {
                throw .invalidRequest
            }
            try Self.append(field.name, to: &bytes) { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: ":") }
            bytes += ": ".utf8
            try Self.append(field.value, to: &bytes) { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
        }
        bytes += "\r\nContent-Length: \(request.body.count)\r\nAccept-Encoding: identity\r\n\r\n".utf8
        self.bytes = bytes
    }

    /// What this head alone says.
    private static let framing = [
        "Host", "Content-Length", "Transfer-Encoding", "Connection", "Accept-Encoding", "Expect", "TE", "Upgrade",
        "Trailer",
    ]

    private static func append(
        _ text: String, to bytes: inout [UInt8], where isAllowed: (UInt8) -> Bool
    ) throws(TransportError) {
        for byte in text.utf8 {
            guard isAllowed(byte) else { throw .invalidRequest }
            bytes.append(byte)
        }
    }
}

extension TransportError {
    fileprivate static var invalidRequest: TransportError {
        TransportError(.invalidRequest, "The request has a target or a header field that must not be sent")
    }
}
