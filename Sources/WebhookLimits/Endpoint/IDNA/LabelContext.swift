/// The code points of one label, validated in context (RFC 5892, section 2 and appendix A).
struct LabelContext {
    private let scalars: [Unicode.Scalar]
    private let properties: [ScalarProperties]

    init(_ scalars: [Unicode.Scalar]) {
        self.scalars = scalars
        properties = scalars.map(ScalarProperties.init)
    }

    /// The direction of each code point.
    var directions: [ScalarProperties.Direction] { properties.map(\.direction) }

    /// Whether IDNA allows every code point in its position.
    var allowsAll: Bool {
        properties.indices.allSatisfy { index in
            switch properties[index].status {
            case .disallowed: false
            case .valid: true
            case .contextJoiner: allowsJoiner(at: index)
            case .contextOther: allowsOther(at: index)
            }
        }
    }

    /// Validates ZERO WIDTH NON-JOINER and ZERO WIDTH JOINER (appendix A.1 and A.2).
    private func allowsJoiner(at index: Int) -> Bool {
        guard index > 0 else { return false }
        if properties[index - 1].combiningClass == 9 { return true }
        guard scalars[index] == "\u{200C}" else { return false }
        let before = properties[..<index].last { $0.joining != .transparent }?.joining
        let after = properties[(index + 1)...].first { $0.joining != .transparent }?.joining
        return (before == .left || before == .dual) && (after == .right || after == .dual)
    }

    private func allowsOther(at index: Int) -> Bool {
        let (before, after) = (index > 0 ? index - 1 : nil, index + 1 < scalars.count ? index + 1 : nil)
        let (arabic, extended): (ClosedRange<Unicode.Scalar>, ClosedRange<Unicode.Scalar>) = (
            "\u{660}"..."\u{669}", "\u{6F0}"..."\u{6F9}"
        )
        switch scalars[index] {
        case "\u{B7}":  // MIDDLE DOT between two l, as in Catalan (A.3)
            return before.map { scalars[$0] } == "l" && after.map { scalars[$0] } == "l"
        case "\u{375}":  // GREEK LOWER NUMERAL SIGN before Greek (A.4)
            return after.map { properties[$0].script } == .greek
        case "\u{5F3}", "\u{5F4}":  // HEBREW PUNCTUATION GERESH and GERSHAYIM after Hebrew (A.5, A.6)
            return before.map { properties[$0].script } == .hebrew
        case "\u{30FB}":  // KATAKANA MIDDLE DOT with hiragana, katakana or han (A.7)
            return properties.contains { $0.script == .japanese }
        case arabic:  // ARABIC-INDIC DIGITS and the extended ones do not mix (A.8, A.9)
            return !scalars.contains(where: extended.contains)
        case extended:
            return !scalars.contains(where: arabic.contains)
        default: return false
        }
    }
}
