internal import WebhookPayload

extension Hex {
    private static let digits: StaticString = "0123456789abcdef"

    /// The value of each digit in either case, or 255.
    private static let values: [UInt8] = (0...UInt8.max).map { Hex.value(of: $0) ?? 255 }

    /// Writes lower-case digits, two per byte.
    static func encode(_ bytes: UnsafeRawBufferPointer, into text: UnsafeMutableBufferPointer<UInt8>) {
        let digits = unsafe digits.utf8Start
        for index in 0..<bytes.count {
            let byte = unsafe Int(bytes[index])
            unsafe text[2 * index] = unsafe digits[byte >> 4]
            unsafe text[2 * index + 1] = unsafe digits[byte & 15]
        }
    }

    /// Decodes pairs of digits in either case, and returns whether all characters are digits.
    static func decode(_ text: UnsafeBufferPointer<UInt8>, into bytes: UnsafeMutableRawBufferPointer) -> Bool {
        unsafe values.withUnsafeBufferPointer { values in
            var seen: UInt8 = 0
            for index in 0..<bytes.count {
                let high = unsafe values[Int(text[2 * index])]
                let low = unsafe values[Int(text[2 * index + 1])]
                seen |= high | low
                unsafe bytes[index] = high << 4 | low
            }
            return seen < 16
        }
    }
}
