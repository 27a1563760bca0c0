public import WebhookEvents

extension JSONValue {
    /// Parses JSON text as strictly as payloads: RFC 8259, UTF-8, no duplicate names, at most 64 levels.
    ///
    /// - Parameter bytes: The text.
    /// - Throws: ``PayloadError`` with code ``PayloadError/Code/invalidJSON``.
    public init(parsing bytes: [UInt8]) throws(PayloadError) {
        let document = try JSONDocument(bytes)
        self = document.root.value
    }

    /// Returns the value as compact JSON text in UTF-8.
    ///
    /// - Returns: The text.
    public func encoded() -> [UInt8] {
        var json = JSONWriter()
        json.value(self)
        return json.bytes
    }

    /// Returns the value as indented JSON text in UTF-8, with two spaces per level and a trailing newline.
    ///
    /// - Returns: The text.
    public func prettyPrinted() -> [UInt8] {
        JSONStyle(name: "", indent: 2, afterColon: " ").encode(self) + [UInt8(ascii: "\n")]
    }
}
