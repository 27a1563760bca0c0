public import WebhookEvents

/// An error in decoding or encoding a payload.
public struct PayloadError: WebhookError, Hashable {
    /// The error codes.
    @nonexhaustive
    public enum Code: String, Sendable, Hashable {
        /// The bytes are not valid JSON (RFC 8259).
        case invalidJSON = "invalid_json"
        /// A required member is missing.
        case missingField = "missing_field"
        /// A member has a value of the wrong type or format.
        case invalidField = "invalid_field"
        /// The body is larger than the limit.
        case tooLarge = "payload_too_large"
        /// An unsigned header contradicts the signed body.
        case headerMismatch = "header_mismatch"
    }

    /// The error code.
    public let code: Code
    /// A description of the problem, which quotes no values of the payload.
    public let message: String
    /// A suggestion for fixing the problem.
    public let hint: String
    /// The location of the problem as a JSON pointer (RFC 6901); empty for the whole document.
    public private(set) var pointer: String

    package init(_ code: Code, _ message: String, hint: String, pointer: String = "") {
        self.code = code
        self.message = message
        self.hint = hint
        self.pointer = pointer
    }

    /// Returns the error with its pointer extended by the member that contains the problem.
    package func inside(_ member: String) -> PayloadError {
        var error = self
        error.pointer = "/\(member)\(pointer)"
        return error
    }

    /// The message with the location, the code and the hint.
    public var description: String {
        (pointer.isEmpty ? message : "\(pointer): \(message)") + " (\(code.rawValue)). " + hint
    }
}

extension PayloadError {
    static func json(_ problem: String, at offset: Int) -> PayloadError {
        PayloadError(
            .invalidJSON, "The JSON is invalid at byte \(offset): \(problem)",
            hint:
                "Send JSON as in RFC 8259: UTF-8 without a byte order mark, no trailing commas, no duplicate names."
        )
    }

    static func missing(_ member: String) -> PayloadError {
        PayloadError(
            .missingField, "The member is missing", hint: "Add the member; every payload of this type has it.",
            pointer: "/\(member)")
    }

    static func invalid(_ member: String, expected: String) -> PayloadError {
        PayloadError(
            .invalidField, "The value must be \(expected)",
            hint: "Compare the value with the type's documented example.",
            pointer: member.isEmpty ? "" : "/\(member)")
    }
}
