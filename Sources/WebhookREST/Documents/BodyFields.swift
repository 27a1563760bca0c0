internal import WebhookEvents

/// Reads the members of a request's body and collects every fault.
struct BodyFields {
    private let members: JSONValue.Members
    private var known: Set<String> = []
    private(set) var errors: [Problem.FieldError] = []

    init(_ document: JSONValue) {
        members = document.object ?? [:]
        if document.object == nil {
            errors.append(
                Problem.FieldError("", "invalid_type", "The body is not an object", hint: "Send one JSON object."))
        }
    }

    /// Returns a member's value, or `nil` if it is absent or null.
    mutating func value(_ name: String) -> JSONValue? {
        known.insert(name)
        guard let value = members[name], value != .null else { return nil }
        return value
    }

    /// Reads a member that may be absent or null.
    ///
    /// - Parameters:
    ///   - name: The member's name.
    ///   - expected: A description of valid values, for people.
    ///   - read: Parses the value; returns `nil` if it is invalid.
    /// - Returns: The value, or `nil` if it is absent or invalid.
    mutating func optional<Value>(
        _ name: String, expected: String, _ read: (JSONValue) -> Value?
    ) -> Value? {
        guard let found = value(name) else { return nil }
        guard let value = read(found) else {
            fault("/\(name)", "invalid_value", "“\(name)” is not \(expected)", hint: "Send \(expected).")
            return nil
        }
        return value
    }

    /// Reads a required member.
    mutating func required<Value>(_ name: String, expected: String, _ read: (JSONValue) -> Value?) -> Value? {
        if value(name) == nil {
            fault("/\(name)", "missing_field", "“\(name)” is missing", hint: "Send \(expected).")
            return nil
        }
        return optional(name, expected: expected, read)
    }

    /// The maximum number of reported faults; without it, a garbage body could get a response a hundred times its size.
    static let maximumFaults = 50

    mutating func fault(_ pointer: String, _ code: String, _ message: String, hint: String) {
        guard errors.count < Self.maximumFaults else { return }
        errors.append(Problem.FieldError(pointer, code, message, hint: hint))
    }

    /// Returns the parsed value if the body has no faults.
    ///
    /// An unknown member is a fault: it is misspelt, or it asks for something that would not happen.
    ///
    /// - Parameter value: The parsed value.
    /// - Returns: The same value.
    /// - Throws: `Problem` with every fault.
    mutating func finish<Value>(_ value: Value?) throws(Problem) -> Value {
        for member in members.members where !known.contains(member.name) && errors.count < Self.maximumFaults {
            fault(
                "/\(JSONPointer.escaped(member.name))", "unknown_field", "“\(member.name)” is not a known member",
                hint: "Known members: \(known.sorted().joined(separator: ", ")).")
        }
        guard errors.isEmpty, let value else { throw .validation(errors) }
        return value
    }
}

/// JSON pointers (RFC 6901).
enum JSONPointer {
    static func escaped(_ name: String) -> String {
        // By code points: a slash with a combining mark is one `Character`, but the slash must still be escaped.
        name.unicodeScalars.reduce(into: "") { text, scalar in
            switch scalar {
            case "~": text += "~0"
            case "/": text += "~1"
            default: text.unicodeScalars.append(scalar)
            }
        }
    }
}
