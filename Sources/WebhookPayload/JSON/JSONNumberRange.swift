/// A check for numbers that are too large for a `Double`.
///
/// RFC 8259 allows such numbers, but one reader would see infinity where another sees digits. Two readers would
/// understand the same signed document differently, so these numbers are rejected like duplicate names.
enum JSONNumberRange {
    /// The decimal exponent of the largest `Double`, 1.7976931348623157e308.
    private static let largestExponent = 308

    /// Returns whether a well-formed number is finite as a `Double`.
    static func isFinite(_ text: Span<UInt8>, in range: Range<Int>) -> Bool {
        var magnitude = 0
        var (index, seenPoint, seenDigit) = (range.lowerBound, false, false)
        // The exponent of the first digit that is not zero.
        scan: while index < range.upperBound {
            switch text[index] {
            case UInt8(ascii: "e"), UInt8(ascii: "E"): break scan
            case UInt8(ascii: "."): seenPoint = true
            case UInt8(ascii: "-"): break
            case UInt8(ascii: "0") where !seenDigit: if seenPoint { magnitude -= 1 }
            default:
                if !seenDigit {
                    seenDigit = true
                    if seenPoint { magnitude -= 1 }
                } else if !seenPoint {
                    magnitude += 1
                }
            }
            index += 1
        }
        guard seenDigit else { return true }
        magnitude += exponent(text, in: index..<range.upperBound)
        guard magnitude == largestExponent else { return magnitude < largestExponent }
        return Double(text.string(in: range))?.isFinite ?? false
    }

    /// Returns the exponent after `e`, clamped so that adding to it cannot overflow.
    private static func exponent(_ text: Span<UInt8>, in range: Range<Int>) -> Int {
        var (value, isNegative) = (0, false)
        for index in range {
            switch text[index] {
            case UInt8(ascii: "-"): isNegative = true
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                value = min(value * 10 + Int(text[index] - UInt8(ascii: "0")), 1 << 40)
            default: break
            }
        }
        return isNegative ? -value : value
    }
}
