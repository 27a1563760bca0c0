public import WebhookEvents

extension JSONValue {
    /// Reads JSON text as strictly as payloads are read: RFC 8259, UTF-8, no duplicate names, at most 64 levels.
    ///
    /// - Parameter bytes: The text.
    /// - Throws: ``PayloadError`` with code ``PayloadError/Code/invalidJSON``.
    public init(parsing bytes: [UInt8]) throws(PayloadError) {
        let document = try JSONDocument(bytes)
        self = document.root.value
    }

    /// The value as compact JSON text, UTF-8.
    ///
    /// - Returns: The text.
    public func encoded() -> [UInt8] {
        var json = JSONWriter()
        json.value(self)
        return json.bytes
    }

    /// The value as JSON text for people, UTF-8: two spaces a level, and a newline at the end.
    ///
    /// - Returns: The text.
    public func prettyPrinted() -> [UInt8] {
        JSONStyle(name: "", indent: 2, afterColon: " ").encode(self) + [UInt8(ascii: "\n")]
    }
}
