internal import WebhookEvents

/// A reader for the members of one object by name, in any order.
///
/// A member that may be null may also be absent: our senders write every member, others omit some.
struct JSONFields: ~Escapable {
    private let object: JSONView
    private let end: Int
    /// The index after the last found member.
    ///
    /// Members from our senders arrive in the order of the reads, so the next one is usually here.
    private var cursor: Int

    @_lifetime(copy view)
    init(_ view: JSONView) throws(PayloadError) {
        let node = view.node
        guard node.kind == .object else { throw .invalid("", expected: "an object") }
        self.object = view
        self.end = Int(node.next)
        self.cursor = view.index + 1
    }

    /// Returns the value of a member, or `nil` if it is absent or null.
    @_lifetime(copy self)
    mutating func view(_ name: StaticString) -> JSONView? {
        guard let index = find(name), object.nodes[index].kind != .null else { return nil }
        return object.sibling(index)
    }

    /// Returns the index of a member; the next call starts its search after it.
    @inline(__always)
    private mutating func find(_ name: StaticString) -> Int? {
        if cursor < end, matches(cursor, name) {
            defer { cursor = Int(object.nodes[cursor].next) }
            return cursor
        }
        return search(name)
    }

    private mutating func search(_ name: StaticString) -> Int? {
        var member = object.index + 1
        while member < end {
            let next = Int(object.nodes[member].next)
            if matches(member, name) {
                cursor = next
                return member
            }
            member = next
        }
        return nil
    }

    @inline(__always)
    private func matches(_ member: Int, _ name: StaticString) -> Bool {
        let found = object.nodes[member].name
        guard found.isEscaped else { return object.text.matches(name, in: found.range) }
        return object.sibling(member).name == name.description
    }

    @_lifetime(copy self)
    mutating func required(_ name: StaticString) throws(PayloadError) -> JSONView {
        guard let view = view(name) else { throw .missing(name.description) }
        return view
    }

    mutating func string(_ name: StaticString) throws(PayloadError) -> String {
        guard let text = try optionalString(name) else { throw .missing(name.description) }
        return text
    }

    mutating func optionalString(_ name: StaticString) throws(PayloadError) -> String? {
        guard let index = find(name) else { return nil }
        let node = object.nodes[index]
        switch node.kind {
        // Nearly all members have one of these two kinds.
        case .string: return object.text.string(in: Int(node.start) + 1..<Int(node.end) - 1)
        case .null: return nil
        default: break
        }
        guard let text = object.sibling(index).string else {
            throw .invalid(name.description, expected: "a string or null")
        }
        return text
    }

    mutating func integer(_ name: StaticString, minimum: Int = 0) throws(PayloadError) -> Int {
        guard let value = try optionalInteger(name, minimum: minimum) else { throw .missing(name.description) }
        return value
    }

    /// Returns a whole number, and checks it against the minimum of the schema.
    mutating func optionalInteger(_ name: StaticString, minimum: Int = 0) throws(PayloadError) -> Int? {
        guard let view = view(name) else { return nil }
        guard let value = view.integer, value >= minimum else {
            throw .invalid(name.description, expected: "an integer of at least \(minimum), or null")
        }
        return value
    }

    mutating func optionalBool(_ name: StaticString) throws(PayloadError) -> Bool? {
        guard let view = view(name) else { return nil }
        guard let value = view.bool else { throw .invalid(name.description, expected: "true, false or null") }
        return value
    }

    mutating func timestamp(_ name: StaticString) throws(PayloadError) -> Timestamp {
        guard let moment = try optionalTimestamp(name) else { throw .missing(name.description) }
        return moment
    }

    mutating func optionalTimestamp(_ name: StaticString) throws(PayloadError) -> Timestamp? {
        guard let view = view(name) else { return nil }
        guard let moment = view.timestamp else {
            throw .invalid(name.description, expected: "an RFC 3339 timestamp")
        }
        return moment
    }

    mutating func open<Value: OpenEnum>(_ name: StaticString) throws(PayloadError) -> Value {
        Value(rawValue: try string(name))
    }

    mutating func strings(_ name: StaticString) throws(PayloadError) -> [String] {
        guard let view = view(name) else { return [] }
        guard view.node.kind == .array else { throw .invalid(name.description, expected: "an array") }
        return try view.map { element throws(PayloadError) in
            guard let text = element.string else {
                throw .invalid(name.description, expected: "an array of strings")
            }
            return text
        }
    }

    mutating func members(_ name: StaticString) throws(PayloadError) -> JSONValue.Members {
        guard let view = view(name) else { return [:] }
        guard view.isObject else { throw .invalid(name.description, expected: "an object") }
        return view.members
    }

    /// Reads a nested object, and adds its name to the pointer of an error.
    mutating func nested<Value: JSONReadable>(_ name: StaticString) throws(PayloadError) -> Value {
        let view = try required(name)
        do { return try Value(json: view) } catch { throw error.inside(name.description) }
    }

    mutating func optionalNested<Value: JSONReadable>(_ name: StaticString) throws(PayloadError) -> Value? {
        guard let view = view(name) else { return nil }
        do { return try Value(json: view) } catch { throw error.inside(name.description) }
    }

    mutating func list<Value: JSONReadable>(_ name: StaticString) throws(PayloadError) -> [Value] {
        guard let view = view(name) else { return [] }
        guard view.node.kind == .array else { throw .invalid(name.description, expected: "an array") }
        var index = -1
        return try view.map { element throws(PayloadError) in
            index += 1
            do throws(PayloadError) { return try Value(json: element) } catch {
                throw error.inside("\(index)").inside(name.description)
            }
        }
    }
}

/// A value that can be decoded from JSON.
protocol JSONReadable {
    init(json: JSONView) throws(PayloadError)
}
