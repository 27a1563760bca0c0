internal import WebhookPayload

/// A signature in a header in any format, including formats that no verifier should accept.
struct LenientSignature {
    let code: AuthenticationCode
    /// The problems with the format; empty if it is valid.
    let form: [WebhookVerifier.Explanation.Finding]

    /// Returns all parts of a header that are 32 bytes in hexadecimal or in any kind of base64, after any prefix.
    static func all(in values: [String], scheme: SignatureScheme) -> [LenientSignature] {
        let atoms = SignatureAtom.all(in: values)
        return atoms.indices.compactMap { index in
            guard let reading = Reading(atoms[index].text) else { return nil }
            let rule = scheme == .taskFlow ? Rule.taskFlow : Rule.standard
            return LenientSignature(code: reading.code, form: rule.faults(of: reading, at: index, in: atoms))
        }
    }
}

/// The 32 bytes in a text, and their format.
private struct Reading {
    let code: AuthenticationCode
    let isHex: Bool
    let isURLAlphabet: Bool
    let isUnpadded: Bool
    /// The text before the digits.
    let prefix: Substring

    init?(_ text: String) {
        func cut(_ length: Int) -> (code: String, prefix: Substring)? {
            text.utf8.count >= length ? (String(text.suffix(length)), text.dropLast(length)) : nil
        }
        if let (digits, prefix) = cut(64), let code = unsafe digits.withBytes({ unsafe AuthenticationCode(hex: $0) }) {
            (self.code, self.prefix, isHex, isURLAlphabet, isUnpadded) = (code, prefix, true, false, false)
            return
        }
        for (length, padding) in [(44, ""), (43, "=")] {
            guard let (digits, prefix) = cut(length) else { continue }
            let plain = String(digits.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 })
            guard let code = unsafe (plain + padding).withBytes({ unsafe AuthenticationCode(base64: $0) }) else {
                continue
            }
            (self.code, self.prefix, isHex) = (code, prefix, false)
            (isURLAlphabet, isUnpadded) = (plain != digits, !padding.isEmpty)
            return
        }
        return nil
    }
}

/// The required format of one of the headers.
private enum Rule {
    case taskFlow, standard

    private typealias Finding = WebhookVerifier.Explanation.Finding

    private var form: String {
        self == .taskFlow ? "`sha256=` and 64 hexadecimal digits" : "`v1,` and the base64 of 32 bytes"
    }

    func faults(of reading: Reading, at index: Int, in atoms: [SignatureAtom]) -> [WebhookVerifier.Explanation.Finding]
    {
        if reading.isHex != (self == .taskFlow) {
            let written = reading.isHex ? "hexadecimal" : "base64"
            return [
                Finding(
                    cause: .wrongEncoding, message: "The signature would match, but is encoded in \(written)",
                    hint: "Write \(form).")
            ]
        }
        return encoding(of: reading) + surroundings(of: reading, at: index, in: atoms)
    }

    private func encoding(of reading: Reading) -> [Finding] {
        var findings: [Finding] = []
        if reading.isURLAlphabet {
            findings.append(
                Finding(
                    cause: .urlAlphabet,
                    message: "The signature would match, but uses the base64 alphabet for URLs, with `-` and `_`",
                    hint: "Use the standard base64 alphabet, with `+` and `/` (RFC 4648, section 4)."))
        }
        if reading.isUnpadded {
            findings.append(
                Finding(
                    cause: .missingPadding,
                    message: "The signature would match, but its base64 padding is missing",
                    hint: "Write the base64 of 32 bytes as 44 characters, with the `=` at the end."))
        }
        return findings
    }

    private func surroundings(of reading: Reading, at index: Int, in atoms: [SignatureAtom]) -> [Finding] {
        let (atom, version) = (atoms[index], index > 0 ? atoms[index - 1] : nil)
        let isPrefixRight =
            self == .taskFlow ? reading.prefix == "sha256=" : reading.prefix.isEmpty && version?.text == "v1"
        let first = self == .taskFlow ? atom : version ?? atom
        let edges = [first.before, atom.after]
        if !isPrefixRight || edges.contains(where: { $0.contains(where: SignatureAtom.isJunk) }) {
            return [
                Finding(
                    cause: .wrongPrefix, message: "The signature would match, but its prefix is missing or wrong",
                    hint: "Write \(form), with no other characters in or around it.")
            ]
        }
        if self == .standard, first.field != atom.field || first.after != "," {
            return [
                Finding(
                    cause: .joinedOrSplit, message: "The signature would match, but was split at the comma after `v1`",
                    hint: "Forward the field unchanged; its comma does not separate values.")
            ]
        }
        let isJoined = edges.contains { $0.contains(",") }
        let isRepeated = atoms.contains { $0.field != atom.field }
        guard isJoined || isRepeated || self == .taskFlow && atoms.count > 1 else { return [] }
        let others =
            isJoined
            ? "a comma joins several signatures"
            : isRepeated ? "several fields have a signature" : "the header has other values as well"
        let hint =
            self == .taskFlow
            ? "Find out what adds the other value; this header has only one."
            : "Forward the field as it arrived; it separates signatures by a space."
        return [
            Finding(
                cause: .joinedOrSplit,
                message: "The signature would match, but \(others)",
                hint: hint)
        ]
    }
}
