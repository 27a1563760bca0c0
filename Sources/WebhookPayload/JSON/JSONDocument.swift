/// Validated JSON text with a flat index of its values.
///
/// The index is a table in document order. Each entry has the ranges of the value's text and name, and the index of
/// the next value. Values are decoded only on demand, so `data` remains a slice of the received bytes.
package struct JSONDocument: Sendable {
    enum Kind: UInt8 { case null, `true`, `false`, number, string, escapedString, array, object }

    /// An entry for one value; offsets are in bytes of the text.
    struct Node {
        let kind: Kind
        /// The name, if the value is a member of an object.
        let name: Name
        /// The first byte of the value's text.
        let start: Int32
        /// The end of the value's text, exclusive.
        var end: Int32
        /// The index of the entry after this value and its descendants.
        var next: Int32
    }

    /// The range of a member's name in the text, without its quotes.
    struct Name {
        private let start: Int32
        private let end: Int32
        /// Whether the name contains escapes.
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

    /// Validates text against RFC 8259 and indexes it, in linear time.
    ///
    /// - Parameters:
    ///   - bytes: The text in UTF-8.
    ///   - maximumDepth: The maximum nesting depth of arrays and objects. Foundation allows 512; recursive decoders of
    ///     that depth overflow small stacks, and documented payloads need 6.
    /// - Throws: ``PayloadError`` with code ``PayloadError/Code/invalidJSON``.
    package init(_ bytes: [UInt8], maximumDepth: Int = 64) throws(PayloadError) {
        self.nodes = try JSONParser.parse(bytes.span, maximumDepth: maximumDepth)
        self.bytes = bytes
    }

    /// The outermost value of the document.
    package var root: JSONView {
        @_lifetime(borrow self) get { view(at: 0) }
    }

    /// Returns the value at a position in the index.
    @_lifetime(borrow self)
    func view(at index: Int) -> JSONView {
        JSONView(text: bytes.span, nodes: nodes.span, index: index)
    }
}
