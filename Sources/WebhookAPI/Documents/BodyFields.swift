internal import WebhookEvents

/// Reads the members of a request's body, and remembers everything that is wrong with them.
struct BodyFields {
    private let members: JSONMembers
    private var known: Set<String> = []
    private(set) var errors: [Problem.FieldError] = []

    init(_ document: JSONValue) {
        members = document.object ?? [:]
        if document.object == nil {
            errors.append(
                Problem.FieldError("", "invalid_type", "The body is no object", hint: "Send one JSON object."))
        }
    }

    /// A member's value; `nil` when it is absent or null.
    mutating func value(_ name: String) -> JSONValue? {
        known.insert(name)
        guard let value = members[name], value != .null else { return nil }
        return value
    }

    /// Reads a member that may be absent or null.
    ///
    /// - Parameters:
    ///   - name: The member.
    ///   - expected: What it must be, for people.
    ///   - read: Reads it; `nil` when it is something else.
    /// - Returns: The value, or `nil` when there is none or it is faulty.
    mutating func optional<Value>(
        _ name: String, expected: String, _ read: (JSONValue) -> Value?
    ) -> Value? {
        guard let found = value(name) else { return nil }
        guard let value = read(found) else {
            fault("/\(name)", "invalid_value", "“\(name)” is not \(expected)", hint: "Give \(expected).")
            return nil
        }
        return value
    }

    /// Reads a member that must be there.
    mutating func required<Value>(_ name: String, expected: String, _ read: (JSONValue) -> Value?) -> Value? {
        if value(name) == nil {
            fault("/\(name)", "missing_field", "“\(name)” is missing", hint: "Give \(expected).")
            return nil
        }
        return optional(name, expected: expected, read)
    }

    /// The most faults that are told of: a body of rubbish must not be answered with a hundred times as much.
    static let maximumFaults = 50

    mutating func fault(_ pointer: String, _ code: String, _ message: String, hint: String) {
        guard errors.count < Self.maximumFaults else { return }
        errors.append(Problem.FieldError(pointer, code, message, hint: hint))
    }

    /// The result, if nothing was wrong.
    ///
    /// A member that nobody has asked for is a fault: it is misspelt, or means something that would not happen.
    ///
    /// - Parameter value: What was read.
    /// - Returns: The same.
    /// - Throws: `Problem` with every fault.
    mutating func finish<Value>(_ value: Value?) throws(Problem) -> Value {
        for member in members.members where !known.contains(member.name) && errors.count < Self.maximumFaults {
            fault(
                "/\(JSONPointer.escaped(member.name))", "unknown_field", "“\(member.name)” is not known here",
                hint: "Known are \(known.sorted().joined(separator: ", ")).")
        }
        guard errors.isEmpty, let value else { throw .validation(errors) }
        return value
    }
}

/// JSON pointers (RFC 6901).
enum JSONPointer {
    static func escaped(_ name: String) -> String {
        // By code points: a slash with a combining mark is one character, and a slash all the same.
        name.unicodeScalars.reduce(into: "") { text, scalar in
            switch scalar {
            case "~": text += "~0"
            case "/": text += "~1"
            default: text.unicodeScalars.append(scalar)
            }
        }
    }
}
