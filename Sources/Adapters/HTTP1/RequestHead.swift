package import WebhookDelivery
internal import WebhookLimits
internal import WebhookPayload
internal import WebhookRetries

/// The request line and the header fields of a request, as bytes.
package struct RequestHead {
    package let bytes: [UInt8]

    /// Encodes the head of a request.
    ///
    /// The encoder validates again that nothing in the head can end a line, because another version or custom code may
    /// have registered the webhook.
    ///
    /// - Throws: `TransportError` with `TransportFailure.invalidRequest`.
    package init(_ request: WebhookRequest) throws(TransportError) {
        var bytes: [UInt8] = []
        // Nearly every head fits, and allocators serve blocks of a kilobyte quickly.
        bytes.reserveCapacity(960)
        bytes += "POST ".utf8
        try Self.append(request.url.target, to: &bytes) { $0 < 0x21 || $0 > 0x7E }
        bytes += " HTTP/1.1\r\nHost: ".utf8
        bytes += request.url.authority.utf8
        for field in request.headers.lines {
            bytes += "\r\n".utf8
            guard !field.name.isEmpty, !Self.framing.contains(where: { field.isNamed($0) }) else {
                throw .invalidRequest
            }
            try Self.append(field.name, to: &bytes) { $0 < 0x21 || $0 > 0x7E || $0 == UInt8(ascii: ":") }
            bytes += ": ".utf8
            try Self.append(field.value, to: &bytes) { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }
        }
        bytes += "\r\nContent-Length: \(request.body.count)\r\nAccept-Encoding: identity\r\n\r\n".utf8
        self.bytes = bytes
    }

    /// The names of the fields that only this type writes.
    private static let framing = [
        "Host", "Content-Length", "Transfer-Encoding", "Connection", "Accept-Encoding", "Expect", "TE", "Upgrade",
        "Trailer",
    ]

    private static func append(
        _ text: String, to bytes: inout [UInt8], unless isForbidden: (UInt8) -> Bool
    ) throws(TransportError) {
        let start = bytes.count
        bytes += text.utf8
        // The loop has no early exit, so that the compiler can vectorize it.
        var isRefused = false
        for index in start..<bytes.count { isRefused = isForbidden(bytes[index]) || isRefused }
        if isRefused { throw .invalidRequest }
    }
}

extension TransportError {
    fileprivate static var invalidRequest: TransportError {
        TransportError(.invalidRequest, "The request has an invalid target or header field")
    }
}
