package import WebhookEvents

/// JSON text that was checked once, with a flat index of its values.
///
/// The index is a table in document order: each value knows where its text begins and ends and where the value after it
/// stands in the table. Nothing is decoded before somebody asks, so `data` stays a slice of the received bytes.
package final class JSONDocument: Sendable {
    enum Kind: UInt8 { case null, `true`, `false`, number, string, escapedString, array, object }

    struct Node {
        let kind: Kind
        /// The first byte of the value's text.
        let start: Int32
        /// The byte after the value's text.
        var end: Int32
        /// The entry after this value and everything inside it.
        var next: Int32
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
        var parser = JSONParser(maximumDepth: maximumDepth)
        try parser.parse(bytes)
        self.bytes = bytes
        self.nodes = parser.nodes
    }

    /// The document's outermost value.
    package var root: JSONView { JSONView(document: self, index: 0) }
}

/// One value of a document.
package struct JSONView: Sendable {
    let document: JSONDocument
    let index: Int

    var node: JSONDocument.Node { document.nodes[index] }

    /// Where the value's text stands in the document.
    package var range: Range<Int> { Int(node.start)..<Int(node.end) }

    /// The value's text, exactly as received.
    package var raw: ArraySlice<UInt8> { document.bytes[range] }

    package var isNull: Bool { node.kind == .null }
    package var isObject: Bool { node.kind == .object }

    package var bool: Bool? {
        switch node.kind {
        case .true: true
        case .false: false
        default: nil
        }
    }

    package var string: String? {
        switch node.kind {
        case .string: String(decoding: document.bytes[range.lowerBound + 1..<range.upperBound - 1], as: UTF8.self)
        case .escapedString: String(decoding: JSONEscape.remove(from: raw.dropFirst().dropLast()), as: UTF8.self)
        default: nil
        }
    }

    package var number: JSONNumber? {
        node.kind == .number ? JSONNumber(unchecked: String(decoding: raw, as: UTF8.self)) : nil
    }

    package var integer: Int? { number?.integer }

    package var array: [JSONView]? {
        guard node.kind == .array else { return nil }
        var elements: [JSONView] = []
        var child = index + 1
        while child < Int(node.next) {
            elements.append(JSONView(document: document, index: child))
            child = Int(document.nodes[child].next)
        }
        return elements
    }

    /// The value as a tree.
    ///
    /// The parser has bounded the depth, so the recursion is bounded too.
    package var value: JSONValue {
        switch node.kind {
        case .null: .null
        case .true: .bool(true)
        case .false: .bool(false)
        case .number: .number(JSONNumber(unchecked: String(decoding: raw, as: UTF8.self)))
        case .string, .escapedString: .string(string ?? "")
        case .array: .array((array ?? []).map(\.value))
        case .object: .object(members)
        }
    }

    /// The members of an object in order; none for any other value.
    package var objectMembers: [(name: String, value: JSONView)] {
        guard node.kind == .object else { return [] }
        var members: [(name: String, value: JSONView)] = []
        var key = index + 1
        while key < Int(node.next) {
            let value = JSONView(document: document, index: key + 1)
            members.append((JSONView(document: document, index: key).string ?? "", value))
            key = Int(value.node.next)
        }
        return members
    }

    /// The members of an object as a tree.
    package var members: JSONMembers {
        var members = JSONMembers()
        for (name, value) in objectMembers { members.append(name: name, value: value.value) }
        return members
    }
}
