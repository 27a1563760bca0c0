package import WebhookEvents

/// A borrowed view of one value of a document.
///
/// The view borrows the text and the index, so reading a value needs no reference counting. The compiler ensures that
/// the view does not outlive them.
package struct JSONView: ~Escapable {
    let text: Span<UInt8>
    let nodes: Span<JSONDocument.Node>
    let index: Int

    @_lifetime(copy text, copy nodes)
    init(text: Span<UInt8>, nodes: Span<JSONDocument.Node>, index: Int) {
        self.text = text
        self.nodes = nodes
        self.index = index
    }

    var node: JSONDocument.Node { nodes[index] }

    /// The range of the value's text in the document.
    package var range: Range<Int> { Int(node.start)..<Int(node.end) }

    /// The value's text, exactly as received.
    package var raw: [UInt8] { text.bytes(in: range) }

    /// The range of a string's text between its quotes.
    private var content: Range<Int> { Int(node.start) + 1..<Int(node.end) - 1 }

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
        case .string: text.string(in: content)
        case .escapedString: String(decoding: JSONEscape.remove(from: text, in: content), as: UTF8.self)
        default: nil
        }
    }

    /// The value of a whole number in any notation, or `nil` if it does not fit or the value is not a whole number.
    package var integer: Int? {
        guard node.kind == .number else { return nil }
        // Nearly all integers have only digits.
        return text.integer(in: range) ?? WholeNumber.read(range.map { text[$0] })
    }

    /// The timestamp in an RFC 3339 string.
    var timestamp: Timestamp? {
        switch node.kind {
        case .string: Timestamp(rfc3339: text, in: content)
        case .escapedString: string.flatMap(Timestamp.init(_:))
        default: nil
        }
    }

    /// Returns the value at another position in the index.
    @_lifetime(copy self)
    func sibling(_ index: Int) -> JSONView {
        JSONView(text: text, nodes: nodes, index: index)
    }

    /// The name of an object's member.
    var name: String {
        let name = node.name
        guard name.isEscaped else { return text.string(in: name.range) }
        return String(decoding: JSONEscape.remove(from: text, in: name.range), as: UTF8.self)
    }

    /// Maps each element of an array or each member of an object, in order; returns an empty array for other values.
    package func map<Result>(_ body: (JSONView) throws(PayloadError) -> Result) throws(PayloadError) -> [Result] {
        guard node.kind == .array || node.kind == .object else { return [] }
        var results: [Result] = []
        var child = index + 1
        while child < Int(node.next) {
            results.append(try body(sibling(child)))
            child = Int(nodes[child].next)
        }
        return results
    }

    /// The value as a tree.
    ///
    /// The parser limits the depth, so the recursion is bounded.
    package var value: JSONValue {
        switch node.kind {
        case .null: .null
        case .true: .bool(true)
        case .false: .bool(false)
        case .number: .number(JSONValue.Number(unchecked: text.string(in: range)))
        case .string, .escapedString: .string(string ?? "")
        case .array: .array(elements)
        case .object: .object(members)
        }
    }

    /// The elements of an array as trees; empty for any other value.
    package var elements: [JSONValue] {
        guard node.kind == .array else { return [] }
        var elements: [JSONValue] = []
        var child = index + 1
        while child < Int(node.next) {
            elements.append(sibling(child).value)
            child = Int(nodes[child].next)
        }
        return elements
    }

    /// The members of an object as a tree; empty for any other value.
    package var members: JSONValue.Members {
        var members = JSONValue.Members()
        guard node.kind == .object else { return members }
        var child = index + 1
        while child < Int(node.next) {
            let view = sibling(child)
            members.append(name: view.name, value: view.value)
            child = Int(nodes[child].next)
        }
        return members
    }
}
