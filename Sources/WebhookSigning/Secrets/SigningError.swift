public import WebhookEvents

/// An error in a secret or in its use.
public struct SigningError: WebhookError, Hashable {
    /// The error codes.
    @nonexhaustive
    public enum Code: String, Sendable, Hashable {
        /// The secret is empty; anyone could sign with an empty key.
        case emptySecret = "empty_secret"
        /// The secret is shorter than ``WebhookSecret/minimumLength``.
        case shortSecret = "short_secret"
        /// The secret begins or ends with white space.
        case surroundingWhitespace = "surrounding_whitespace"
        /// The text after the prefix is not canonical, padded base64, or has the wrong length.
        case malformedSecret = "malformed_secret"
        /// The bytes after `whpk_` or `whsk_` are not a usable Ed25519 key.
        case unusableKey = "unusable_key"
        /// The kind of secret does not fit its use: a public key cannot sign, and an Ed25519 key makes no
        /// `X-TaskFlow-Signature`.
        case wrongKind = "wrong_kind"
        /// Another secret is pending already.
        case rotationPending = "rotation_pending"
        /// No secret is pending.
        case noRotationPending = "no_rotation_pending"
        /// Sealed bytes were changed, belong to another owner, or were sealed under another key.
        case cannotUnseal = "cannot_unseal"
        /// A sealing key does not have 32 bytes, or its identifier is empty, too long or already in use.
        case unusableSealingKey = "unusable_sealing_key"
    }

    /// The error code.
    public let code: Code
    /// A description of the problem, which does not quote the secret.
    public let message: String
    /// A suggestion for fixing the problem.
    public let hint: String

    init(_ code: Code, _ message: String, hint: String) {
        self.code = code
        self.message = message
        self.hint = hint
    }
}
