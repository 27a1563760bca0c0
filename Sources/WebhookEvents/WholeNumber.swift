/// Reads whole numbers however JSON writes them: `7`, `7.0` and `0.7e1` are the same (JSON Schema 2020-12, section 6.1.1 of its
/// validation).
package enum WholeNumber {
    /// The number that stands there.
    ///
    /// - Parameter text: A number as JSON's grammar has it.
    /// - Returns: The number; `nil` when it has a fraction, or does not fit.
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
                // Far beyond what fits, more digits change nothing.
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
            // Counted downwards, because the least integer has no positive counterpart.
            let (sum, overflows) = product.subtractingReportingOverflow(Int(digit))
            guard !isTooLarge, !overflows else { return nil }
            value = sum
        }
        return isNegative ? value : value == .min ? nil : -value
    }
}
