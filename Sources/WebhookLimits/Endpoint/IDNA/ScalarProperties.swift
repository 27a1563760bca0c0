/// What IDNA 2008 knows of a code point that a label may hold (RFC 5892, RFC 5893).
///
/// The derived property is the one of RFC 5892 itself, so a newer Unicode only adds to what is allowed.
struct ScalarProperties {
    /// Whether a label may hold it.
    enum Status: UInt64 { case disallowed, valid, contextJoiner, contextOther }

    /// How it joins with its neighbours in a cursive script.
    enum Joining: UInt64 { case none, transparent, left, right, dual, causing }

    /// Which way it runs; numbers and neutral ones run with their neighbours.
    enum Direction: UInt64 { case leftToRight, rightToLeft, arabicNumber, europeanNumber, mark, neutral, other }

    /// The scripts that rules of context ask for.
    enum Script: UInt64 { case other, greek, hebrew, japanese }

    let status: Status
    let joining: Joining
    let direction: Direction
    let script: Script
    /// Whether it is a mark of any kind, which no label begins with.
    let isMark: Bool
    /// The canonical combining class; 9 is a virama.
    let combiningClass: UInt64

    init(_ scalar: Unicode.Scalar) {
        // The last run that begins at the code point or before it.
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
