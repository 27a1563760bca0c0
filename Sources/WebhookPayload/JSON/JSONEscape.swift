/// The escapes of JSON strings, which the parser validates once and which are decoded only on demand.
enum JSONEscape {
    /// Validates the escape at a backslash, and returns the index after it.
    static func check(_ text: Span<UInt8>, at start: Int) throws(PayloadError) -> Int {
        guard start + 1 < text.count else { throw .json("unterminated string", at: start) }
        switch text[start + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return start + 2
        case UInt8(ascii: "u"):
            guard let unit = codeUnit(text, at: start) else { throw .json("invalid \\u escape", at: start) }
            guard (0xD800..<0xE000).contains(unit) else { return start + 6 }
            guard unit < 0xDC00, start + 7 < text.count, text[start + 6] == UInt8(ascii: "\\"),
                text[start + 7] == UInt8(ascii: "u"), let low = codeUnit(text, at: start + 6),
                (0xDC00..<0xE000).contains(low)
            else { throw .json("lone surrogate", at: start) }
            return start + 12
        default: throw .json("unknown escape", at: start)
        }
    }

    /// Returns the value of the four hexadecimal digits of `\uXXXX`.
    private static func codeUnit(_ text: Span<UInt8>, at start: Int) -> UInt32? {
        guard start + 6 <= text.count else { return nil }
        var unit: UInt32 = 0
        for index in start + 2..<start + 6 {
            guard let digit = Hex.value(of: text[index]) else { return nil }
            unit = unit << 4 | UInt32(digit)
        }
        return unit
    }

    /// Decodes the escapes of a string that the parser has validated.
    static func remove(from text: Span<UInt8>, in range: Range<Int>) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(range.count)
        var index = range.lowerBound
        while index < range.upperBound {
            guard text[index] == UInt8(ascii: "\\") else {
                result.append(text[index])
                index += 1
                continue
            }
            let escape = text[index + 1]
            guard escape == UInt8(ascii: "u") else {
                result.append(character(escape))
                index += 2
                continue
            }
            var scalar = codeUnit(text, at: index) ?? 0
            index += 6
            if (0xD800..<0xDC00).contains(scalar), let low = codeUnit(text, at: index) {
                scalar = 0x10000 + (scalar - 0xD800) << 10 + (low &- 0xDC00) & 0x3FF
                index += 6
            }
            result.append(contentsOf: String(Unicode.Scalar(scalar) ?? "\u{FFFD}").utf8)
        }
        return result
    }

    /// Returns the character of a short escape.
    private static func character(_ escape: UInt8) -> UInt8 {
        switch escape {
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0C
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "t"): 0x09
        default: escape
        }
    }
}

/// Hexadecimal digits.
///
/// The standard library's parser is too lenient: `UInt8("+f", radix: 16)` is 15.
package enum Hex {
    /// Returns the value of a digit in either case, or `nil` if the byte is not a digit.
    @inlinable package static func value(of byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// Returns the lower-case digit for the low four bits of a value.
    @inlinable package static func digit(_ value: UInt8) -> UInt8 {
        let nibble = value & 15
        return nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
    }
}

/// A validator for UTF-8 as in RFC 3629: shortest forms only, no surrogates, nothing above U+10FFFF.
enum UTF8Check {
    /// Validates the multi-byte sequence at an index, and returns the index after it.
    static func sequence(_ text: Span<UInt8>, at start: Int) throws(PayloadError) -> Int {
        let length: Int
        let second: ClosedRange<UInt8>
        switch text[start] {
        case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: throw .json("invalid UTF-8", at: start)
        }
        guard start + length <= text.count, second.contains(text[start + 1]) else {
            throw .json("invalid UTF-8", at: start)
        }
        for index in start + 2..<start + length where !(0x80...0xBF).contains(text[index]) {
            throw .json("invalid UTF-8", at: start)
        }
        return start + length
    }
}
