/// Why a text is no usable secret, or a secret cannot be used this way.
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
        /// The text after the prefix is not canonical, padded base64, or has the wrong length.
        case malformedSecret = "malformed_secret"
        /// The bytes after `whpk_` or `whsk_` are no Ed25519 key that proves anything.
        case unusableKey = "unusable_key"
        /// A public key cannot sign, and an Ed25519 key cannot make `X-TaskFlow-Signature`.
        case wrongKind = "wrong_kind"
        /// Another secret is pending already.
        case rotationPending = "rotation_pending"
        /// No secret is pending.
        case noRotationPending = "no_rotation_pending"
        /// Sealed bytes were changed, belong to another owner, or were sealed under another key.
        case cannotUnseal = "cannot_unseal"
        /// A key to seal with does not have 32 bytes, or its identifier is empty, too long or taken.
        case unusableSealingKey = "unusable_sealing_key"
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
