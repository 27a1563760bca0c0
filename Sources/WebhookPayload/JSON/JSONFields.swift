internal import WebhookEvents

/// Reads the members of one object by name, whatever order they came in.
///
/// A member that may be null may also be absent: our own senders write every member, others leave some out.
struct JSONFields {
    private let object: JSONView
    /// Where the last member was found: ours come in the order they are asked for, so the next one is usually next.
    private var cursor: Int

    init(_ view: JSONView) throws(PayloadError) {
        guard view.isObject else { throw .invalid("", expected: "an object") }
        self.object = view
        self.cursor = view.index + 1
    }

    /// The member's value, or `nil` when it is absent or null.
    mutating func view(_ name: String) -> JSONView? {
        guard let view = find(name, in: cursor..<Int(object.node.next)) ?? find(name, in: object.index + 1..<cursor)
        else { return nil }
        cursor = Int(view.node.next)
        return view.isNull ? nil : view
    }

    private func find(_ name: String, in keys: Range<Int>) -> JSONView? {
        var key = keys.lowerBound
        while key < keys.upperBound {
            let value = JSONView(document: object.document, index: key + 1)
            if matches(key, name) { return value }
            key = Int(value.node.next)
        }
        return nil
    }

    private func matches(_ key: Int, _ name: String) -> Bool {
        let view = JSONView(document: object.document, index: key)
        guard view.node.kind == .string else { return view.string == name }
        return view.range.count - 2 == name.utf8.count && view.raw.dropFirst().dropLast().elementsEqual(name.utf8)
    }

    mutating func required(_ name: String) throws(PayloadError) -> JSONView {
        guard let view = view(name) else { throw .missing(name) }
        return view
    }

    mutating func string(_ name: String) throws(PayloadError) -> String {
        guard let text = try required(name).string else { throw .invalid(name, expected: "a string") }
        return text
    }

    mutating func optionalString(_ name: String) throws(PayloadError) -> String? {
        guard let view = view(name) else { return nil }
        guard let text = view.string else { throw .invalid(name, expected: "a string or null") }
        return text
    }

    mutating func integer(_ name: String) throws(PayloadError) -> Int {
        guard let value = try required(name).integer else { throw .invalid(name, expected: "an integer") }
        return value
    }

    mutating func optionalInteger(_ name: String) throws(PayloadError) -> Int? {
        guard let view = view(name) else { return nil }
        guard let value = view.integer else { throw .invalid(name, expected: "an integer or null") }
        return value
    }

    mutating func optionalBool(_ name: String) throws(PayloadError) -> Bool? {
        guard let view = view(name) else { return nil }
        guard let value = view.bool else { throw .invalid(name, expected: "true, false or null") }
        return value
    }

    mutating func timestamp(_ name: String) throws(PayloadError) -> Timestamp {
        guard let moment = try optionalTimestamp(name) else { throw .missing(name) }
        return moment
    }

    mutating func optionalTimestamp(_ name: String) throws(PayloadError) -> Timestamp? {
        guard let text = try optionalString(name) else { return nil }
        guard let moment = Timestamp(text) else { throw .invalid(name, expected: "an RFC 3339 timestamp") }
        return moment
    }

    mutating func open<Value: OpenEnum>(_ name: String) throws(PayloadError) -> Value {
        Value(rawValue: try string(name))
    }

    mutating func strings(_ name: String) throws(PayloadError) -> [String] {
        guard let view = view(name) else { return [] }
        guard let elements = view.array else { throw .invalid(name, expected: "an array") }
        var result: [String] = []
        for element in elements {
            guard let text = element.string else { throw .invalid(name, expected: "an array of strings") }
            result.append(text)
        }
        return result
    }

    mutating func members(_ name: String) throws(PayloadError) -> JSONMembers {
        guard let view = view(name) else { return [:] }
        guard view.isObject else { throw .invalid(name, expected: "an object") }
        return view.members
    }

    /// Reads a nested object, and says where in it a failure is.
    mutating func nested<Value: JSONReadable>(_ name: String) throws(PayloadError) -> Value {
        let view = try required(name)
        do { return try Value(json: view) } catch { throw error.inside(name) }
    }

    mutating func optionalNested<Value: JSONReadable>(_ name: String) throws(PayloadError) -> Value? {
        guard let view = view(name) else { return nil }
        do { return try Value(json: view) } catch { throw error.inside(name) }
    }

    mutating func list<Value: JSONReadable>(_ name: String) throws(PayloadError) -> [Value] {
        guard let view = view(name) else { return [] }
        guard let elements = view.array else { throw .invalid(name, expected: "an array") }
        var result: [Value] = []
        for (index, element) in elements.enumerated() {
            do { result.append(try Value(json: element)) } catch { throw error.inside("\(index)").inside(name) }
        }
        return result
    }
}

/// A value that JSON on the wire is read into.
protocol JSONReadable {
    init(json: JSONView) throws(PayloadError)
}
