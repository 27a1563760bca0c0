/// Why a text is no usable secret.
public struct SigningError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kinds of failure.
    @nonexhaustive
    public enum Code: String, Sendable, Hashable {
        /// The secret is empty. An empty key would verify what anybody signs.
        case emptySecret = "empty_secret"
        /// The secret is shorter than ``WebhookSecret/minimumLength``.
        case shortSecret = "short_secret"
        /// The secret begins or ends with white space.
        case surroundingWhitespace = "surrounding_whitespace"
        /// The text after `whsec_` is not canonical, padded base64.
        case malformedSecret = "malformed_secret"
    }

    /// What kind of failure it is.
    public let code: Code
    /// What is wrong, in a sentence that does not quote the secret.
    public let message: String
    /// What to do about it.
    public let hint: String

    init(_ code: Code, _ message: String, hint: String) {
        self.code = code
        self.message = message
        self.hint = hint
    }

    /// The failure with its hint.
    public var description: String { "\(message) (\(code.rawValue)). \(hint)" }
}
