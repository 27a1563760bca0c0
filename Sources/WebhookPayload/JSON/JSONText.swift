extension String {
    /// Calls a closure with the UTF-8 bytes, and copies them only if the string has no contiguous storage.
    @inlinable @inline(__always)
    package func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        unsafe utf8.withContiguousStorageIfAvailable(body) ?? Array(utf8).withUnsafeBufferPointer(body)
    }
}

extension Span<UInt8> {
    /// Returns a copy of the bytes in a range.
    func bytes(in range: Range<Int>) -> [UInt8] {
        unsafe extracting(range).withUnsafeBufferPointer { unsafe Array($0) }
    }

    /// Returns the bytes in a range as text; they are known to be UTF-8.
    @inline(__always)
    func string(in range: Range<Int>) -> String {
        unsafe extracting(range).withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
    }

    /// Returns eight bytes as a little-endian word.
    @inline(__always)
    func word(at index: Int) -> UInt64 {
        precondition(index >= 0 && index &+ 8 <= count)
        return UInt64(littleEndian: unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: UInt64.self))
    }

    /// Returns the integer in a range, or `nil` if the range has other characters or the integer does not fit.
    func integer(in range: Range<Int>) -> Int? {
        let isNegative = self[range.lowerBound] == UInt8(ascii: "-")
        var value = 0
        for index in range.lowerBound + (isNegative ? 1 : 0)..<range.upperBound {
            let digit = self[index] &- UInt8(ascii: "0")
            let (product, isTooLarge) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflows) = product.subtractingReportingOverflow(Int(digit))
            guard digit < 10, !isTooLarge, !overflows else { return nil }
            value = sum
        }
        // The value is accumulated as a negative number, because `Int.min` has no positive counterpart.
        return isNegative ? value : value == .min ? nil : -value
    }

    /// Returns whether the bytes in a range are a name.
    @inline(__always)
    func matches(_ name: StaticString, in range: Range<Int>) -> Bool {
        let length = name.utf8CodeUnitCount
        guard range.count == length else { return false }
        let expected = unsafe UnsafeRawPointer(name.utf8Start)
        guard length >= 8 else {
            for offset in 0..<length where unsafe self[range.lowerBound + offset] != name.utf8Start[offset] {
                return false
            }
            return true
        }
        // Compares words of eight bytes; the last word overlaps the previous one.
        var offset = 0
        while offset + 8 < length {
            let word = unsafe UInt64(littleEndian: expected.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            guard self.word(at: range.lowerBound + offset) == word else { return false }
            offset += 8
        }
        let last = unsafe UInt64(littleEndian: expected.loadUnaligned(fromByteOffset: length - 8, as: UInt64.self))
        return word(at: range.lowerBound + length - 8) == last
    }
}

/// Operations that examine eight bytes of text at once.
///
/// Source of the arithmetic: Sean Eron Anderson, "Bit Twiddling Hacks", sections on a zero byte and on bytes less than
/// n. A borrow can wrongly mark a byte above a true match, but never one below it, so the lowest mark is exact.
enum JSONWord {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highs: UInt64 = 0x8080_8080_8080_8080

    /// Marks the bytes that end plain text: quotes, backslashes, control characters and non-ASCII bytes.
    @inline(__always)
    static func special(_ word: UInt64) -> UInt64 {
        mustBeEscaped(word) | word & highs
    }

    /// Marks the bytes that must be escaped in a string: quotes, backslashes and control characters.
    @inline(__always)
    static func mustBeEscaped(_ word: UInt64) -> UInt64 {
        let quotes = word ^ (ones &* 0x22)
        let backslashes = word ^ (ones &* 0x5C)
        let controls = (word &- ones &* 0x20) & ~word
        return (((quotes &- ones) & ~quotes) | ((backslashes &- ones) & ~backslashes) | controls) & highs
    }
}
