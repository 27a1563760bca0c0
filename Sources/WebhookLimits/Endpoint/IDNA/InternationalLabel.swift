/// A label in another script than Latin, in its ASCII form, as IDNA 2008 has it (RFC 5890 to 5893).
struct InternationalLabel {
    static let prefix = "xn--".utf8

    /// Whether it holds anything that runs from right to left, which makes the whole name a bidirectional one.
    let isRightToLeft: Bool
    /// Whether it may stand in a bidirectional name (RFC 5893, section 2).
    let meetsBidiRule: Bool

    /// Reads a label that begins with ``prefix``, or returns `nil` when it stands for nothing, or not in its one way.
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

    /// At the beginning, at the end, or as the third and fourth character (RFC 5891, section 4.2.3.1).
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
