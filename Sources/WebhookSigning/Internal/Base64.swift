/// Strict base64 (RFC 4648, section 4): the standard alphabet, padded, with one encoding per value.
///
/// Decoders that skip other characters or accept stray trailing bits allow several encodings of one signature, and
/// lenient decoders turn a mistyped secret into a key of one byte.
package enum Base64 {
    private static let alphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

    /// The value of each character, or 255.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 255, count: 256)
        for index in 0..<64 { values[Int(unsafe alphabet.utf8Start[index])] = UInt8(index) }
        return values
    }()

    package static func encode(_ bytes: [UInt8]) -> String {
        unsafe bytes.withUnsafeBytes { bytes in
            unsafe String(unsafeUninitializedCapacity: (bytes.count + 2) / 3 * 4) { unsafe encode(bytes, into: $0) }
        }
    }

    /// Writes the encoding of bytes, and returns its length: four characters for every three bytes or part of them.
    static func encode(_ bytes: UnsafeRawBufferPointer, into text: UnsafeMutableBufferPointer<UInt8>) -> Int {
        let alphabet = unsafe alphabet.utf8Start
        var end = 0
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let rest = bytes.count - start
            let second = rest > 1 ? unsafe UInt32(bytes[start + 1]) << 8 : 0
            let third = rest > 2 ? unsafe UInt32(bytes[start + 2]) : 0
            let group = unsafe UInt32(bytes[start]) << 16 | second | third
            unsafe text[end] = unsafe alphabet[Int(group >> 18)]
            unsafe text[end + 1] = unsafe alphabet[Int(group >> 12 & 63)]
            unsafe text[end + 2] = unsafe rest > 1 ? alphabet[Int(group >> 6 & 63)] : UInt8(ascii: "=")
            unsafe text[end + 3] = unsafe rest > 2 ? alphabet[Int(group & 63)] : UInt8(ascii: "=")
            end += 4
        }
        return end
    }

    /// Decodes text, or returns `nil` if it is not a canonical encoding.
    package static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        let characters = Array(text)
        var isCanonical = true
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: characters.count / 4 * 3) { bytes, count in
            let decoded = unsafe characters.withUnsafeBufferPointer { characters in
                unsafe decode(characters, into: UnsafeMutableRawBufferPointer(bytes))
            }
            isCanonical = decoded != nil
            count = decoded ?? 0
        }
        return isCanonical ? bytes : nil
    }

    /// Decodes text into a buffer, and returns the number of bytes, or `nil` if it is not canonical or does not fit.
    static func decode(_ text: UnsafeBufferPointer<UInt8>, into bytes: UnsafeMutableRawBufferPointer) -> Int? {
        guard !text.isEmpty else { return 0 }
        guard text.count.isMultiple(of: 4) else { return nil }
        var padding = unsafe text[text.count - 1] == UInt8(ascii: "=") ? 1 : 0
        if unsafe padding == 1 && text[text.count - 2] == UInt8(ascii: "=") { padding = 2 }
        guard text.count / 4 * 3 - padding <= bytes.count else { return nil }
        return unsafe values.withUnsafeBufferPointer { values in
            func value(_ index: Int) -> UInt32 { unsafe UInt32(values[Int(text[index])]) }
            var (seen, count) = (UInt32(0), 0)
            let last = text.count - 4
            for index in stride(from: 0, to: last, by: 4) {
                let (a, b, c, d) = (value(index), value(index + 1), value(index + 2), value(index + 3))
                seen |= a | b | c | d
                let group = a << 18 | b << 12 | c << 6 | d
                unsafe bytes[count] = UInt8(truncatingIfNeeded: group >> 16)
                unsafe bytes[count + 1] = UInt8(truncatingIfNeeded: group >> 8)
                unsafe bytes[count + 2] = UInt8(truncatingIfNeeded: group)
                count += 3
            }
            // The last four characters encode one, two or three bytes, and the remaining bits must be zero.
            let (c, d) = (padding > 1 ? 0 : value(last + 2), padding > 0 ? 0 : value(last + 3))
            let group = value(last) << 18 | value(last + 1) << 12 | c << 6 | d
            seen |= value(last) | value(last + 1) | c | d
            guard seen < 64, group & (1 << UInt32(8 * padding) - 1) == 0 else { return nil }
            for place in 0..<3 - padding {
                unsafe bytes[count] = UInt8(truncatingIfNeeded: group >> UInt32(16 - 8 * place))
                count += 1
            }
            return count
        }
    }
}
