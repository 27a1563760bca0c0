public import WebhookEvents

/// An error in the verification of a request.
///
/// The texts name the header and the usual cause; they never quote a secret, a signature or a body.
public struct VerificationError: WebhookError, Hashable {
    /// The error codes.
    @nonexhaustive
    public enum Code: String, Sendable, Hashable {
        /// A header that the policy requires is missing.
        case missingHeader = "missing_header"
        /// A header is not in the documented format, or occurs more than once.
        case malformedHeader = "malformed_header"
        /// The signature is well-formed but matches no secret.
        case noMatchingSignature = "no_matching_signature"
        /// The body is larger than the limit.
        case bodyTooLarge = "body_too_large"
        /// The signed time is too far in the past.
        case timestampTooOld = "timestamp_too_old"
        /// The signed time is too far in the future.
        case timestampTooNew = "timestamp_too_new"
    }

    /// The error code.
    public let code: Code
    /// The header with the problem.
    public let header: String
    /// A description of the problem.
    public let message: String
    /// A suggestion for fixing the problem.
    public let hint: String

    /// The HTTP status to respond with: 413 for a body that is too large, 401 for every other error.
    public var suggestedStatus: Int { code == .bodyTooLarge ? 413 : 401 }

    /// The message with the header, the code and the hint.
    public var description: String { "\(header): \(message) (\(code.rawValue)). \(hint)" }

    static func missing(_ header: String) -> VerificationError {
        VerificationError(
            code: .missingHeader, header: header, message: "The header is missing",
            hint: "Check that no proxy removes it, and that the request comes from TaskFlow.")
    }

    static func malformed(_ header: String, expected: String) -> VerificationError {
        VerificationError(
            code: .malformedHeader, header: header, message: "The header must be \(expected)",
            hint: "Forward the header exactly as it arrived, and only once.")
    }

    static func noMatch(_ header: String) -> VerificationError {
        VerificationError(
            code: .noMatchingSignature, header: header, message: "The signature matches no secret",
            hint: "Verify the raw bytes of the body, before any parser or middleware, with this webhook's own secret.")
    }

    static func bodyTooLarge(_ limit: Int) -> VerificationError {
        VerificationError(
            code: .bodyTooLarge, header: "Content-Length", message: "The body has more than \(limit) bytes",
            hint: "TaskFlow sends at most 10 000 000 bytes. The request is not from TaskFlow, or the limit is too low.")
    }

    static func outsideTolerance(_ header: String, ageInSeconds age: Int64) -> VerificationError {
        let isOld = age > 0
        return VerificationError(
            code: isOld ? .timestampTooOld : .timestampTooNew, header: header,
            message: "The request was signed \(abs(age)) s \(isOld ? "ago" : "in the future")",
            hint: "Check this machine's clock. If it is right, the request may be a replay.")
    }
}
