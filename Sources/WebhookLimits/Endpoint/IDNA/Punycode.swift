/// Punycode, the ASCII form of internationalized labels (RFC 3492).
enum Punycode {
    private static let base = 36
    private static let firstScalar = 128

    /// Decodes a text, or returns `nil` if it is malformed.
    static func decode(_ text: Substring.UTF8View) -> [Unicode.Scalar]? {
        let delimiter = text.lastIndex(of: UInt8(ascii: "-"))
        var scalars = text[..<(delimiter ?? text.startIndex)].map { Unicode.Scalar($0) }
        var rest = delimiter.map { text[text.index(after: $0)...] } ?? text
        var next = firstScalar
        var index = 0
        var bias = Bias()
        while !rest.isEmpty {
            let before = index
            var weight = 1
            for position in sequence(first: base, next: { $0 + base }) {
                guard let byte = rest.popFirst(), let digit = digit(byte) else { return nil }
                index += digit * weight
                let threshold = bias.threshold(at: position)
                if digit < threshold { break }
                weight *= base - threshold
                // A label has at most 63 bytes, but its numbers may still exceed every scalar.
                guard weight < 1 << 40, index < 1 << 40 else { return nil }
            }
            let count = scalars.count + 1
            bias.adapt(index - before, count: count, isFirst: before == 0)
            next += index / count
            index %= count
            guard next <= 0x10_FFFF, let scalar = Unicode.Scalar(UInt32(next)) else { return nil }
            scalars.insert(scalar, at: index)
            index += 1
        }
        return scalars
    }

    /// Encodes scalars; the encoding is unique.
    static func encode(_ scalars: [Unicode.Scalar]) -> [UInt8] {
        var text = scalars.filter(\.isASCII).map { UInt8($0.value) }
        let basicCount = text.count
        if basicCount > 0 { text.append(UInt8(ascii: "-")) }
        var delta = 0
        var next = firstScalar
        var handled = basicCount
        var bias = Bias()
        while handled < scalars.count {
            let lowest = scalars.lazy.map { Int($0.value) }.filter { $0 >= next }.min() ?? next
            delta += (lowest - next) * (handled + 1)
            next = lowest
            for value in scalars.map({ Int($0.value) }) {
                if value < next { delta += 1 }
                guard value == next else { continue }
                var rest = delta
                for position in sequence(first: base, next: { $0 + base }) {
                    let threshold = bias.threshold(at: position)
                    guard rest >= threshold else { break }
                    text.append(letter(threshold + (rest - threshold) % (base - threshold)))
                    rest = (rest - threshold) / (base - threshold)
                }
                text.append(letter(rest))
                bias.adapt(delta, count: handled + 1, isFirst: handled == basicCount)
                delta = 0
                handled += 1
            }
            delta += 1
            next += 1
        }
        return text
    }

    private static func digit(_ byte: UInt8) -> Int? {
        switch byte {
        case 0x61...0x7A: Int(byte - 0x61)
        case 0x30...0x39: Int(byte - 0x30) + 26
        default: nil
        }
    }

    private static func letter(_ digit: Int) -> UInt8 {
        UInt8(truncatingIfNeeded: digit < 26 ? 0x61 + digit : 0x16 + digit)
    }

    /// The bias that adapts the digits' thresholds to the preceding numbers (RFC 3492, section 6.1).
    private struct Bias {
        private var value = 72

        func threshold(at position: Int) -> Int { min(max(position - value, 1), 26) }

        mutating func adapt(_ delta: Int, count: Int, isFirst: Bool) {
            var delta = isFirst ? delta / 700 : delta / 2
            delta += delta / count
            var steps = 0
            while delta > 455 {
                delta /= 35
                steps += base
            }
            value = steps + 36 * delta / (delta + 38)
        }
    }
}
