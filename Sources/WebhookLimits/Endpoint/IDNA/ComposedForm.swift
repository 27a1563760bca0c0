/// Unicode's composed form (NFC), for code points that IDNA allows.
///
/// The standard library cannot check whether text is in NFC. Korean syllables need no rules, because IDNA forbids their
/// parts.
enum ComposedForm {
    /// Returns whether the text is in NFC.
    static func holds(_ scalars: [Unicode.Scalar]) -> Bool {
        composed(ordered(scalars.flatMap { decomposed(UInt64($0.value)) })) == scalars.map { UInt64($0.value) }
    }

    private static let mask: UInt64 = 0x1F_FFFF

    /// The pairs, keyed by their composition.
    private static let pairs = Dictionary(
        uniqueKeysWithValues: compositions.map { ($0 & mask, (first: $0 >> 42, second: $0 >> 21 & mask)) })

    private static func decomposed(_ value: UInt64) -> [UInt64] {
        guard let pair = pairs[value] else { return [value] }
        return decomposed(pair.first) + [pair.second]
    }

    /// Sorts the marks after each starter by combining class; the sort is stable.
    private static func ordered(_ values: [UInt64]) -> [UInt64] {
        var result: [UInt64] = []
        for value in values {
            let order = combiningClass(value)
            var place = result.count
            while order > 0, place > 0, combiningClass(result[place - 1]) > order { place -= 1 }
            result.insert(value, at: place)
        }
        return result
    }

    private static func composed(_ values: [UInt64]) -> [UInt64] {
        var result: [UInt64] = []
        var starter: Int?
        for value in values {
            let order = combiningClass(value)
            if let starter {
                // A mark between the two with the same or a higher class blocks the composition.
                let isBlocked = result.count > starter + 1 && result.last.map(combiningClass) ?? 0 >= order
                if !isBlocked, let whole = composition(result[starter], value) {
                    result[starter] = whole
                    continue
                }
            }
            if order == 0 { starter = result.count }
            result.append(value)
        }
        return result
    }

    private static func composition(_ first: UInt64, _ second: UInt64) -> UInt64? {
        let pair = first << 42 | second << 21
        var (low, high) = (0, compositions.count)
        while low < high {
            let middle = (low + high) / 2
            if compositions[middle] < pair { low = middle + 1 } else { high = middle }
        }
        guard low < compositions.count, compositions[low] & ~mask == pair else { return nil }
        return compositions[low] & mask
    }

    private static func combiningClass(_ value: UInt64) -> UInt64 {
        Unicode.Scalar(UInt32(truncatingIfNeeded: value)).map { ScalarProperties($0).combiningClass } ?? 0
    }
}
