/// Why bytes are no webhook payload, or why a payload cannot be made.
public struct PayloadError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kinds of failure.
    @nonexhaustive
    public enum Code: String, Sendable, Hashable {
        /// The bytes are not JSON as RFC 8259 defines it.
        case invalidJSON = "invalid_json"
        /// A member that must be there is not.
        case missingField = "missing_field"
        /// A member has a value of the wrong kind or form.
        case invalidField = "invalid_field"
        /// The body is larger than the limit.
        case tooLarge = "payload_too_large"
        /// A header outside the signature says something else than the signed body.
        case headerMismatch = "header_mismatch"
    }

    /// What kind of failure it is.
    public let code: Code
    /// What is wrong, in a sentence that quotes nothing of the payload's values.
    public let message: String
    /// What to do about it.
    public let hint: String
    /// Where it is, as a JSON pointer (RFC 6901); empty for the whole document.
    public private(set) var pointer: String

    package init(_ code: Code, _ message: String, hint: String, pointer: String = "") {
        self.code = code
        self.message = message
        self.hint = hint
        self.pointer = pointer
    }

    /// The same error, seen from the object that holds the member it happened in.
    package func inside(_ member: String) -> PayloadError {
        var error = self
        error.pointer = "/\(member)\(pointer)"
        return error
    }

    /// The failure with its place and hint.
    public var description: String {
        (pointer.isEmpty ? message : "\(pointer): \(message)") + " (\(code.rawValue)). " + hint
    }
}

extension PayloadError {
    static func json(_ problem: String, at offset: Int) -> PayloadError {
        PayloadError(
            .invalidJSON, "\(problem) at byte \(offset)",
            hint:
                "Send JSON as RFC 8259 defines it: UTF-8 without a byte order mark, no trailing commas, no duplicate names."
        )
    }

    static func missing(_ member: String) -> PayloadError {
        PayloadError(.missingField, "is missing", hint: "Every payload of this type has it.", pointer: "/\(member)")
    }

    static func invalid(_ member: String, expected: String) -> PayloadError {
        PayloadError(
            .invalidField, "is not \(expected)", hint: "Compare the value with the type's documented example.",
            pointer: member.isEmpty ? "" : "/\(member)")
    }
}
