/// Why a request is not proven to come from TaskFlow.
///
/// Texts name the header and the usual cause; they never quote a secret, a signature or a body.
public struct VerificationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kinds of failure.
    @nonexhaustive
    public enum Code: String, Sendable, Hashable {
        /// A header that the policy demands is missing.
        case missingHeader = "missing_header"
        /// A header is there but not of the documented form, or there twice.
        case malformedHeader = "malformed_header"
        /// The signature is well-formed and matches no secret.
        case noMatchingSignature = "no_matching_signature"
        /// The body is larger than the limit.
        case bodyTooLarge = "body_too_large"
        /// The signed time is too far in the past.
        case timestampTooOld = "timestamp_too_old"
        /// The signed time is too far in the future.
        case timestampTooNew = "timestamp_too_new"
    }

    /// What kind of failure it is.
    public let code: Code
    /// The header it is about.
    public let header: String
    /// What is wrong.
    public let message: String
    /// What to do about it.
    public let hint: String

    /// The HTTP status to answer with: 413 for a body that is too large, 401 for every other failure.
    public var suggestedStatus: Int { code == .bodyTooLarge ? 413 : 401 }

    /// The failure with its hint.
    public var description: String { "\(header): \(message) (\(code.rawValue)). \(hint)" }

    static func missing(_ header: String) -> VerificationError {
        VerificationError(
            code: .missingHeader, header: header, message: "The header is missing",
            hint: "Check that no proxy strips it, and that the request comes from TaskFlow.")
    }

    static func malformed(_ header: String, expected: String) -> VerificationError {
        VerificationError(
            code: .malformedHeader, header: header, message: "The header is not \(expected)",
            hint: "Pass the header on exactly as it arrived, once.")
    }

    static func noMatch(_ header: String) -> VerificationError {
        VerificationError(
            code: .noMatchingSignature, header: header, message: "The signature matches no secret",
            hint: "Verify the raw bytes of the body, before any parser or middleware, with this webhook's own secret.")
    }

    static func bodyTooLarge(_ limit: Int) -> VerificationError {
        VerificationError(
            code: .bodyTooLarge, header: "Content-Length", message: "The body has more than \(limit) bytes",
            hint: "TaskFlow sends at most 10 000 000 bytes: the request is not from TaskFlow, or the limit is too low.")
    }

    static func outsideTolerance(_ header: String, ageInSeconds age: Int64) -> VerificationError {
        let isOld = age > 0
        return VerificationError(
            code: isOld ? .timestampTooOld : .timestampTooNew, header: header,
            message: "The request was signed \(abs(age)) s \(isOld ? "ago" : "in the future")",
            hint: "It is a replay, or a clock is wrong: check this machine's clock first.")
    }
}
