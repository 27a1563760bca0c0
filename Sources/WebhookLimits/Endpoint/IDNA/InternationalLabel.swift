/// An internationalized label in its ASCII form (IDNA 2008, RFC 5890 to 5893).
struct InternationalLabel {
    static let prefix = "xn--".utf8

    /// Whether the label contains right-to-left characters, which makes the whole name bidirectional.
    let isRightToLeft: Bool
    /// Whether the label is allowed in a bidirectional name (RFC 5893, section 2).
    let meetsBidiRule: Bool

    /// Parses a label that begins with ``prefix``, or returns `nil` if the label is invalid or not in canonical form.
    init?(_ label: Substring.UTF8View) {
        let text = label.dropFirst(Self.prefix.count)
        guard let scalars = Punycode.decode(text), Punycode.encode(scalars) == Array(text),
            let first = scalars.first, !scalars.allSatisfy(\.isASCII), !Self.hasMisplacedHyphen(scalars)
        else { return nil }
        let context = LabelContext(scalars)
        guard !ScalarProperties(first).isMark, context.allowsAll, ComposedForm.holds(scalars) else { return nil }
        isRightToLeft = context.directions.contains { $0 == .rightToLeft || $0 == .arabicNumber }
        meetsBidiRule = Self.meetsBidiRule(context.directions)
    }

    /// Returns whether a hyphen is first or last, or two are third and fourth (RFC 5891, section 4.2.3.1).
    private static func hasMisplacedHyphen(_ scalars: [Unicode.Scalar]) -> Bool {
        scalars.first == "-" || scalars.last == "-" || scalars.dropFirst(2).starts(with: "--".unicodeScalars)
    }

    private static func meetsBidiRule(_ directions: [ScalarProperties.Direction]) -> Bool {
        guard let last = directions.last(where: { $0 != .mark }) else { return false }
        let everywhere: Set<ScalarProperties.Direction> = [.europeanNumber, .neutral, .mark]
        switch directions.first {
        case .leftToRight:
            return (last == .leftToRight || last == .europeanNumber)
                && directions.allSatisfy { $0 == .leftToRight || everywhere.contains($0) }
        case .rightToLeft:
            return [.rightToLeft, .europeanNumber, .arabicNumber].contains(last)
                && directions.allSatisfy { $0 == .rightToLeft || $0 == .arabicNumber || everywhere.contains($0) }
                && !(directions.contains(.europeanNumber) && directions.contains(.arabicNumber))
        default: return false
        }
    }
}
