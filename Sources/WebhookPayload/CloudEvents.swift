internal import WebhookEvents

extension Envelope {
    /// Returns the header fields that turn the request into a CloudEvent in binary mode.
    ///
    /// The body does not change, so signatures and receivers without CloudEvents support are not affected. Like all
    /// unsigned headers, these must not be trusted.
    ///
    /// Source: CloudEvents 1.0.2, HTTP Protocol Binding, section 3.1.3.
    ///
    /// - Returns: `ce-specversion`, `ce-id`, `ce-source`, `ce-type`, `ce-time`, and `ce-subject` if there is an
    ///   ordering key.
    public func cloudEventsHeaders() -> HeaderFields {
        var headers: HeaderFields = [
            "ce-specversion": "1.0",
            "ce-id": id.rawValue,
            "ce-source": "/accounts/\(metadata.accountID)",
            "ce-type": "com.taskflow.\(type)",
            "ce-time": timestamp.rfc3339,
        ]
        if let subject = metadata.orderingKey, !subject.isEmpty {
            headers.append("ce-subject", Self.percentEncoded(subject))
        }
        return headers
    }

    /// Percent-encodes spaces, quotes, percent signs, control characters and non-ASCII characters.
    private static func percentEncoded(_ text: String) -> String {
        var result: [UInt8] = []
        for byte in text.utf8 {
            if (0x21...0x7E).contains(byte), byte != UInt8(ascii: "\""), byte != UInt8(ascii: "%") {
                result.append(byte)
            } else {
                let digits = [Hex.digit(byte >> 4), Hex.digit(byte)].map { $0 >= 0x61 ? $0 - 0x20 : $0 }
                result += [UInt8(ascii: "%")] + digits
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
