/// JSON text that was checked once, with a flat index of its values.
///
/// The index is a table in document order: each value knows where its text and its name stand and where the value after
/// it stands in the table. Nothing is decoded before somebody asks, so `data` stays a slice of the received bytes.
package struct JSONDocument: Sendable {
    enum Kind: UInt8 { case null, `true`, `false`, number, string, escapedString, array, object }

    /// One value; offsets count bytes of the text.
    struct Node {
        let kind: Kind
        /// The name, of a member.
        let name: Name
        /// The first byte of the value's text.
        let start: Int32
        /// The byte after the value's text.
        var end: Int32
        /// The entry after this value and everything inside it.
        var next: Int32
    }

    /// Where the name of a member stands, inside its quotes.
    struct Name {
        private let start: Int32
        private let end: Int32
        /// Whether it is written with escapes.
        let isEscaped: Bool

        init(_ range: Range<Int> = 0..<0, isEscaped: Bool = false) {
            self.start = Int32(truncatingIfNeeded: range.lowerBound)
            self.end = Int32(truncatingIfNeeded: range.upperBound)
            self.isEscaped = isEscaped
        }

        var range: Range<Int> { Int(start)..<Int(end) }
    }

    package let bytes: [UInt8]
    let nodes: [Node]

    /// Checks text against RFC 8259 and indexes it, in time linear in its length.
    ///
    /// - Parameters:
    ///   - bytes: The text, UTF-8.
    ///   - maximumDepth: How deep arrays and objects may nest. Foundation allows 512; recursive decoders of that depth
    ///     overflow small stacks, and documented payloads need 6.
    /// - Throws: ``PayloadError`` with code ``PayloadError/Code/invalidJSON``.
    package init(_ bytes: [UInt8], maximumDepth: Int = 64) throws(PayloadError) {
        self.nodes = try JSONParser.parse(bytes.span, maximumDepth: maximumDepth)
        self.bytes = bytes
    }

    /// The document's outermost value.
    package var root: JSONView {
        @_lifetime(borrow self) get { view(at: 0) }
    }

    /// The value at a place of the index.
    @_lifetime(borrow self)
    func view(at index: Int) -> JSONView {
        JSONView(text: bytes.span, nodes: nodes.span, index: index)
    }
}
