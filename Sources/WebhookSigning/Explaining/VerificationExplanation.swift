/// Why a request does not verify, as far as it can be told without guessing.
///
/// An explanation never makes a request acceptable: it says what would have verified, so that somebody can mend the
/// sender, the receiver or what stands between them. It takes many times as long as verifying; keep it out of servers.
public struct VerificationExplanation: Sendable, CustomStringConvertible {
    /// A usual mistake.
    @nonexhaustive
    public enum Cause: String, Sendable, Hashable, CaseIterable {
        /// A newline was added to the body, or taken from it.
        case trailingNewline = "trailing_newline"
        /// The line endings of the body were changed.
        case lineEndings = "line_endings"
        /// A byte order mark was added to the body, or taken from it.
        case byteOrderMark = "byte_order_mark"
        /// The body was parsed and written again.
        case reserialisedJSON = "reserialised_json"
        /// Bytes that are not UTF-8 became U+FFFD.
        case decodedAsText = "decoded_as_text"
        /// The header lacks its prefix, or has another.
        case wrongPrefix = "wrong_prefix"
        /// The signature is base64 where hex is due, or hex where base64 is due.
        case wrongEncoding = "wrong_encoding"
        /// The base64 of the signature is in the alphabet for URLs.
        case urlAlphabet = "url_alphabet"
        /// The base64 of the signature lacks its padding.
        case missingPadding = "missing_padding"
        /// Signatures were joined by a comma, or one was split at its comma.
        case joinedOrSplit = "joined_or_split"
        /// The signed time is in another unit or form than whole Unix seconds.
        case timestampUnit = "timestamp_unit"
        /// One side has white space around the secret.
        case whitespaceInSecret = "whitespace_in_secret"
        /// One side decodes the base64 of the secret, the other takes its text.
        case decodedSecret = "decoded_secret"
        /// The request is signed with another of the secrets that were given to try.
        case otherSecret = "other_secret"
        /// The signature is genuine and its time outside the tolerance.
        case clockSkew = "clock_skew"
        /// The request proves itself with another scheme than the policy demands.
        case otherScheme = "other_scheme"
        /// The request carries no signature of any kind.
        case unsigned = "unsigned"
    }

    /// One thing that was found out.
    public struct Finding: Sendable, Hashable {
        /// Which mistake it is.
        public let cause: Cause
        /// What was tried and would have verified, in a sentence.
        public let message: String
        /// What to do about it.
        public let hint: String
    }

    /// Why the request was refused; `nil` when it verifies.
    public let error: VerificationError?
    /// What was found out, most likely first; empty when none of the usual mistakes explains it.
    public let findings: [Finding]

    /// The refusal and what was found out, a line each.
    public var description: String {
        guard let error else { return "The request verifies." }
        let lines = findings.map { "  \($0.message) (\($0.cause.rawValue))\n    → \($0.hint)" }
        let nothing = "  None of the usual mistakes explains it: another secret, or a body that was changed."
        return ([error.description] + (lines.isEmpty ? [nothing] : lines)).joined(separator: "\n")
    }
}
