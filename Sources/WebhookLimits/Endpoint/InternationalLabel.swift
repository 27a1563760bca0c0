/// A label in another script than Latin, in its ASCII form, as every reader of today takes it (RFC 5890 to 5893, UTS 46).
///
/// Names that some readers refuse, or fold into other names, are no names that webhooks must be sent to: where a rule
/// leaves room, this one is the stricter.
struct InternationalLabel {
    static let prefix = "xn--".utf8

    /// Whether the label is of a script that runs from right to left.
    let isRightToLeft: Bool

    /// Reads a label that begins with ``prefix``, or returns `nil` when it stands for nothing, or not in its one way.
    init?(_ label: Substring.UTF8View) {
        let text = label.dropFirst(Self.prefix.count)
        guard let scalars = Punycode.decode(text), Punycode.encode(scalars) == Array(text),
            let first = scalars.first, let last = scalars.last, !scalars.allSatisfy(\.isASCII),
            !scalars.starts(with: "xn--".unicodeScalars), first != "-", last != "-", !Self.isMark(first),
            scalars.allSatisfy({ $0.isASCII || Self.meansItself($0) }), ComposedForm.holds(scalars)
        else { return nil }
        isRightToLeft = scalars.contains(where: Self.isRightToLeft)
        if isRightToLeft, !Self.runsRightToLeft(scalars) { return nil }
    }

    /// Letters, marks, digits and symbols that no reader folds into anything else, and that every reader knows: Unicode 13
    /// of 2020 and before.
    ///
    /// `ß` and `ς` were folded once, and are not any more.
    private static func meansItself(_ scalar: Unicode.Scalar) -> Bool {
        let properties = scalar.properties
        guard let age = properties.age, age.major <= 13,
            !properties.changesWhenNFKCCaseFolded || scalar == "ß" || scalar == "ς"
        else { return false }
        return isLetter(scalar) || isMark(scalar) || properties.generalCategory == .otherSymbol
    }

    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        let letters: [Unicode.GeneralCategory] = [.lowercaseLetter, .otherLetter, .modifierLetter, .decimalNumber]
        return letters.contains(scalar.properties.generalCategory)
    }

    private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        [.nonspacingMark, .spacingMark].contains(scalar.properties.generalCategory)
    }

    /// The blocks of scripts that run from right to left.
    private static func isRightToLeft(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0590...0x08FF, 0xFB1D...0xFDFF, 0xFE70...0xFEFF, 0x1_0800...0x1_0FFF, 0x1_E800...0x1_EFFF: true
        default: false
        }
    }

    /// Begins with a letter, ends with one or a digit, and has nothing that runs the other way but European digits, which do
    /// not mix with Arabic ones.
    private static func runsRightToLeft(_ scalars: [Unicode.Scalar]) -> Bool {
        guard let first = scalars.first, isRightToLeft(first), first.properties.generalCategory != .decimalNumber,
            let last = scalars.last(where: { !isMark($0) }), isLetter(last)
        else { return false }
        let digits: ClosedRange<Unicode.Scalar> = "0"..."9"
        let arabicDigits: ClosedRange<Unicode.Scalar> = "\u{660}"..."\u{669}"
        return scalars.allSatisfy { isRightToLeft($0) || digits.contains($0) || $0 == "-" }
            && !(scalars.contains(where: digits.contains) && scalars.contains(where: arabicDigits.contains))
    }
}
