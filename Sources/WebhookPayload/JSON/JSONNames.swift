/// Tells whether a member's name is new in its object, in time linear in the text.
///
/// A filter of 64 bits clears nearly all names of small objects at once; the others are compared with those before.
/// Objects with many names, or with names in escapes, keep a set of what the names mean.
struct JSONNames {
    private static let few = 32

    private let object: Int
    private var count = 0
    private var filter: UInt64 = 0
    private var meanings: Set<[UInt8]>?

    init(object: Int) { self.object = object }

    /// Adds a name, and says whether it was new.
    @inline(__always)
    mutating func insert(
        _ name: JSONDocument.Name, in text: Span<UInt8>, _ nodes: [JSONDocument.Node]
    ) -> Bool {
        guard meanings == nil, !name.isEscaped, count < Self.few else {
            return insertMeaning(name, in: text, nodes)
        }
        count += 1
        let mark: UInt64 = 1 &<< Self.hash(name.range, in: text)
        defer { filter |= mark }
        return filter & mark == 0 || !contains(name.range, in: text, nodes)
    }

    /// A number below 64 from the ends of a name and its length.
    @inline(__always)
    private static func hash(_ name: Range<Int>, in text: Span<UInt8>) -> UInt64 {
        var ends: UInt64 = 0
        if name.count >= 8 {
            ends = text.word(at: name.lowerBound) &+ text.word(at: name.upperBound - 8)
        } else if name.lowerBound + 8 <= text.count {
            ends = text.word(at: name.lowerBound) & (1 &<< UInt64(8 * name.count) &- 1)
        } else {
            for index in name.reversed() { ends = ends << 8 | UInt64(text[index]) }
        }
        return ((ends &+ UInt64(name.count)) &* 0x9E37_79B9_7F4A_7C15) >> 58
    }

    private func contains(_ name: Range<Int>, in text: Span<UInt8>, _ nodes: [JSONDocument.Node]) -> Bool {
        var member = object + 1
        while member < nodes.count {
            let other = nodes[member].name.range
            if other.count == name.count, text.same(other, name) { return true }
            member = Int(nodes[member].next)
        }
        return false
    }

    private mutating func insertMeaning(
        _ name: JSONDocument.Name, in text: Span<UInt8>, _ nodes: [JSONDocument.Node]
    ) -> Bool {
        if meanings == nil {
            var meanings: Set<[UInt8]> = []
            var member = object + 1
            while member < nodes.count {
                meanings.insert(text.bytes(in: nodes[member].name.range))
                member = Int(nodes[member].next)
            }
            self.meanings = meanings
        }
        let meaning = name.isEscaped ? JSONEscape.remove(from: text, in: name.range) : text.bytes(in: name.range)
        return meanings?.insert(meaning).inserted ?? false
    }
}

extension Span<UInt8> {
    /// Whether two ranges of the same length hold the same bytes.
    fileprivate func same(_ one: Range<Int>, _ other: Range<Int>) -> Bool {
        for offset in 0..<one.count where self[one.lowerBound + offset] != self[other.lowerBound + offset] {
            return false
        }
        return true
    }
}
