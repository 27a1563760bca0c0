internal import WebhookPayload

/// Signatures that a header may hold in a form that no verifier should take.
struct LenientSignature {
    let code: AuthenticationCode
    /// What is wrong with the form; `nil` when nothing is.
    let finding: VerificationExplanation.Finding?

    /// What is wrong with the form, as a list.
    var form: [VerificationExplanation.Finding] { finding.map { [$0] } ?? [] }

    /// Every reading of a header as 32 bytes: hex or base64, behind whatever prefix.
    static func all(in value: String, scheme: SignatureScheme) -> [LenientSignature] {
        value.split { $0 == " " || $0 == "\t" }.compactMap { token in
            let text = String(token.drop(while: isQuote).reversed().drop(while: isQuote).reversed())
            return read(text, isWhole: text.utf8.count == token.utf8.count, scheme: scheme)
        }
    }

    private static func isQuote(_ character: Character) -> Bool { "\"';,".contains(character) }

    private static func read(_ text: String, isWhole: Bool, scheme: SignatureScheme) -> LenientSignature? {
        let isHexDue = scheme == .taskFlow
        let (hex, base64) = (String(text.suffix(64)), String(text.suffix(44)))
        let right = isHexDue ? "`sha256=` and 64 hexadecimal digits" : "`v1,` and the base64 of 32 bytes"
        if let code = unsafe hex.withBytes({ unsafe AuthenticationCode(hex: $0) }) {
            let isPrefixRight = isWhole && text.dropLast(64) == "sha256="
            return LenientSignature(code, isRight: isHexDue, written: "hex", isPrefixRight, right)
        }
        guard let code = unsafe base64.withBytes({ unsafe AuthenticationCode(base64: $0) }) else { return nil }
        let isPrefixRight = isWhole && text.dropLast(44) == "v1,"
        return LenientSignature(code, isRight: !isHexDue, written: "base64", isPrefixRight, right)
    }

    private init(
        _ code: AuthenticationCode, isRight: Bool, written: String, _ isPrefixRight: Bool, _ right: String
    ) {
        self.code = code
        if !isRight {
            finding = .init(
                cause: .wrongEncoding, message: "The signature would match, but is written in \(written)",
                hint: "Write \(right).")
        } else if !isPrefixRight {
            finding = .init(
                cause: .wrongPrefix, message: "The signature would match, but its prefix is missing or wrong",
                hint: "Write \(right), in one piece and nothing around it.")
        } else {
            finding = nil
        }
    }
}
