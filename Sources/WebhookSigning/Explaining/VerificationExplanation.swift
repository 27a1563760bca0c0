extension WebhookVerifier {
    /// The reason why a request does not verify, as far as it can be determined without guessing.
    ///
    /// An explanation never makes a request acceptable. It describes the request that would have verified, so that you can
    /// fix the sender, the receiver or a proxy between them. It takes many times as long as a verification; do not use it
    /// in servers.
    public struct Explanation: Sendable, CustomStringConvertible {
        /// A common mistake.
        @nonexhaustive
        public enum Cause: String, Sendable, Hashable, CaseIterable {
            /// A newline was added to the body, or removed from it.
            case trailingNewline = "trailing_newline"
            /// The line endings of the body were changed.
            case lineEndings = "line_endings"
            /// A byte order mark was added to the body, or removed from it.
            case byteOrderMark = "byte_order_mark"
            /// The body was parsed and serialised again.
            case reserialisedJSON = "reserialised_json"
            /// Bytes that are not UTF-8 were replaced by U+FFFD.
            case decodedAsText = "decoded_as_text"
            /// The header has no prefix, or a wrong one.
            case wrongPrefix = "wrong_prefix"
            /// The signature is base64 instead of hexadecimal, or hexadecimal instead of base64.
            case wrongEncoding = "wrong_encoding"
            /// The signature uses the base64 alphabet for URLs.
            case urlAlphabet = "url_alphabet"
            /// The signature has no base64 padding.
            case missingPadding = "missing_padding"
            /// Signatures were joined by a comma, or a signature was split at its comma.
            case joinedOrSplit = "joined_or_split"
            /// The signed time is not in whole Unix seconds.
            case timestampUnit = "timestamp_unit"
            /// The secret of one side has surrounding white space.
            case whitespaceInSecret = "whitespace_in_secret"
            /// One side decodes the base64 of the secret, and the other uses its text.
            case decodedSecret = "decoded_secret"
            /// The request is signed with one of the other secrets.
            case otherSecret = "other_secret"
            /// The signature is genuine, but its time is outside the tolerance.
            case clockSkew = "clock_skew"
            /// The request is signed with another scheme than the policy requires.
            case otherScheme = "other_scheme"
            /// The request has no signature of any kind.
            case unsigned = "unsigned"
        }

        /// One result of the analysis.
        public struct Finding: Sendable, Hashable {
            /// The mistake.
            public let cause: Cause
            /// A sentence that describes the mistake.
            public let message: String
            /// A suggestion for fixing the problem.
            public let hint: String
        }

        /// The error of the verification; `nil` if the request verifies.
        public let error: VerificationError?
        /// The findings, most likely first; empty if no common mistake explains the error.
        public let findings: [Finding]

        /// The error and the findings, one per line.
        public var description: String {
            guard let error else { return "The request verifies." }
            let lines = findings.map { "  \($0.message) (\($0.cause.rawValue))\n    → \($0.hint)" }
            let nothing = "  No common mistake explains this error. The secret is wrong, or the body was changed."
            return ([error.description] + (lines.isEmpty ? [nothing] : lines)).joined(separator: "\n")
        }
    }
}
