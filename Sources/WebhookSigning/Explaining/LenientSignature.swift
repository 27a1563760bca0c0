internal import WebhookPayload

/// A signature that a header holds in some form, also in one that no verifier should take.
struct LenientSignature {
    let code: AuthenticationCode
    /// What is wrong with the form; empty when nothing is.
    let form: [VerificationExplanation.Finding]

    /// Every reading of the fields of a header as 32 bytes: hex or base64 of any kind, behind any prefix.
    static func all(in values: [String], scheme: SignatureScheme) -> [LenientSignature] {
        let atoms = SignatureAtom.all(in: values)
        return atoms.indices.compactMap { index in
            guard let reading = Reading(atoms[index].text) else { return nil }
            let rule = scheme == .taskFlow ? Rule.taskFlow : Rule.standard
            return LenientSignature(code: reading.code, form: rule.faults(of: reading, at: index, in: atoms))
        }
    }
}

/// One text as 32 bytes, and how it writes them.
private struct Reading {
    let code: AuthenticationCode
    let isHex: Bool
    let isURLAlphabet: Bool
    let isUnpadded: Bool
    /// What stands before the digits in the same piece.
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

/// How one of the headers must be written.
private enum Rule {
    case taskFlow, standard

    private typealias Finding = VerificationExplanation.Finding

    private var form: String {
        self == .taskFlow ? "`sha256=` and 64 hexadecimal digits" : "`v1,` and the base64 of 32 bytes"
    }

    func faults(of reading: Reading, at index: Int, in atoms: [SignatureAtom]) -> [VerificationExplanation.Finding] {
        if reading.isHex != (self == .taskFlow) {
            let written = reading.isHex ? "hex" : "base64"
            return [
                Finding(
                    cause: .wrongEncoding, message: "The signature would match, but is written in \(written)",
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
                    message: "The signature would match, but is written in the alphabet for URLs, with `-` and `_`",
                    hint: "Write the standard alphabet of base64, with `+` and `/` (RFC 4648, section 4)."))
        }
        if reading.isUnpadded {
            findings.append(
                Finding(
                    cause: .missingPadding,
                    message: "The signature would match, but the padding of its base64 is missing",
                    hint: "Write the base64 of 32 bytes with the `=` at its end, 44 characters."))
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
                    hint: "Write \(form), in one piece and nothing around it.")
            ]
        }
        if self == .standard, first.field != atom.field || first.after != "," {
            return [
                Finding(
                    cause: .joinedOrSplit, message: "The signature would match, but was split at the comma behind `v1`",
                    hint: "Something took the comma for one between values: pass the field on in one piece.")
            ]
        }
        let isJoined = edges.contains { $0.contains(",") }
        let isRepeated = atoms.contains { $0.field != atom.field }
        guard isJoined || isRepeated || self == .taskFlow && atoms.count > 1 else { return [] }
        let others =
            isJoined ? "several are joined by a comma" : isRepeated ? "several fields hold one" : "it is not alone"
        let hint =
            self == .taskFlow
            ? "The header has one value: find out what adds the other."
            : "Signatures are separated by a space, in one field: pass the field on as it arrived."
        return [
            Finding(
                cause: .joinedOrSplit,
                message: "The signature would match, but \(others)",
                hint: hint)
        ]
    }
}
