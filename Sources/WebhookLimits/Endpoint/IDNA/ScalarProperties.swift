/// The IDNA 2008 properties of a code point (RFC 5892, RFC 5893).
///
/// The derived property is that of RFC 5892, so a newer version of Unicode only adds allowed code points.
struct ScalarProperties {
    /// Whether a label may contain the code point.
    enum Status: UInt64 { case disallowed, valid, contextJoiner, contextOther }

    /// How the code point joins with its neighbours in a cursive script.
    enum Joining: UInt64 { case none, transparent, left, right, dual, causing }

    /// The direction of the code point; numbers and neutral code points follow their neighbours.
    enum Direction: UInt64 { case leftToRight, rightToLeft, arabicNumber, europeanNumber, mark, neutral, other }

    /// The scripts that the contextual rules use.
    enum Script: UInt64 { case other, greek, hebrew, japanese }

    let status: Status
    let joining: Joining
    let direction: Direction
    let script: Script
    /// Whether the code point is a mark of any kind, which cannot begin a label.
    let isMark: Bool
    /// The canonical combining class; 9 is a virama.
    let combiningClass: UInt64

    init(_ scalar: Unicode.Scalar) {
        // Finds the last run that begins at or before the code point.
        var (low, high) = (0, Self.runs.count)
        while low < high {
            let middle = (low + high) / 2
            if Self.runs[middle] >> 24 <= UInt64(scalar.value) { low = middle + 1 } else { high = middle }
        }
        let packed = low > 0 ? Self.runs[low - 1] : 0
        status = Status(rawValue: packed & 3) ?? .disallowed
        joining = Joining(rawValue: packed >> 2 & 7) ?? .none
        direction = Direction(rawValue: packed >> 5 & 7) ?? .other
        script = Script(rawValue: packed >> 8 & 3) ?? .other
        isMark = packed >> 10 & 1 == 1
        combiningClass = packed >> 11 & 0xFF
    }
}
