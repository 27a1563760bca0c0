/// A parser for whole numbers in any JSON notation.
///
/// `7`, `7.0` and `0.7e1` are the same number (JSON Schema 2020-12, Validation, section 6.1.1).
package enum WholeNumber {
    /// Parses a whole number.
    ///
    /// - Parameter text: A number in JSON syntax.
    /// - Returns: The number, or `nil` if it is not whole or does not fit.
    package static func read(_ text: some Sequence<UInt8>) -> Int? {
        var (digits, exponent, power, isNegative, hasNegativePower) = ([UInt8](), 0, 0, false, false)
        var part = Part.whole
        for byte in text {
            switch (byte, part) {
            case (UInt8(ascii: "-"), .power): hasNegativePower = true
            case (UInt8(ascii: "-"), _): isNegative = true
            case (UInt8(ascii: "+"), .power): break
            case (UInt8(ascii: "."), .whole): part = .fraction
            case (UInt8(ascii: "e"), _), (UInt8(ascii: "E"), _): part = .power
            case (0x30...0x39, .power):
                // An exponent this large is out of range anyway.
                power = min(power * 10 + Int(byte - 0x30), 1_000_000)
            case (0x30...0x39, _):
                if !digits.isEmpty || byte != 0x30 { digits.append(byte - 0x30) }
                if part == .fraction { exponent -= 1 }
            default: return nil
            }
        }
        exponent += hasNegativePower ? -power : power
        while digits.last == 0 {
            digits.removeLast()
            exponent += 1
        }
        guard !digits.isEmpty else { return 0 }
        guard exponent >= 0, digits.count + exponent <= 19 else { return nil }
        digits += Array(repeating: 0, count: exponent)
        return value(of: digits, isNegative: isNegative)
    }

    private enum Part {
        case whole, fraction, power
    }

    private static func value(of digits: [UInt8], isNegative: Bool) -> Int? {
        var value = 0
        for digit in digits {
            let (product, isTooLarge) = value.multipliedReportingOverflow(by: 10)
            // Accumulates negative values, because `Int.min` has no positive counterpart.
            let (sum, overflows) = product.subtractingReportingOverflow(Int(digit))
            guard !isTooLarge, !overflows else { return nil }
            value = sum
        }
        return isNegative ? value : value == .min ? nil : -value
    }
}
