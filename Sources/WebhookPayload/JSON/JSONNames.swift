/// Tells whether a member's name is new in its object, in time linear in the text.
///
/// A filter of 64 bits clears nearly all names of small objects at once; the others are compared with those before.
/// Objects with many names, or with names in escapes, keep a hash table of what the names mean.
struct JSONNames {
    private static let few = 32

    private let object: Int
    private var count = 0
    private var filter: UInt64 = 0
    private var table: JSONNameTable?

    init(object: Int) { self.object = object }

    /// Adds a name, and says whether it was new.
    @inline(__always)
    mutating func insert(
        _ name: JSONDocument.Name, in text: Span<UInt8>, _ nodes: [JSONDocument.Node]
    ) -> Bool {
        guard table == nil, !name.isEscaped, count < Self.few else {
            return insertIntoTable(name, in: text, nodes)
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

    private mutating func insertIntoTable(
        _ name: JSONDocument.Name, in text: Span<UInt8>, _ nodes: [JSONDocument.Node]
    ) -> Bool {
        if table == nil {
            var table = JSONNameTable()
            var member = object + 1
            while member < nodes.count {
                _ = table.insert(nodes[member].name, at: member, in: text, nodes)
                member = Int(nodes[member].next)
            }
            self.table = table
        }
        // The value that follows the name will stand at the end of the index.
        return table?.insert(name, at: nodes.count, in: text, nodes) ?? false
    }
}

/// The names of one large object, found by what they mean: `a` and `\u0061` are one name.
///
/// Open addressing with the standard library's hash, which is seeded anew in every process, so that nobody can choose names
/// that collide.
private struct JSONNameTable {
    private var slots = [Int32](repeating: -1, count: 128)
    private var entries: [(hash: Int, member: Int32)] = []

    /// Adds the name of a member, and says whether it was new.
    mutating func insert(
        _ name: JSONDocument.Name, at member: Int, in text: Span<UInt8>, _ nodes: [JSONDocument.Node]
    ) -> Bool {
        let hash = Self.hash(name, in: text)
        var slot = hash & (slots.count - 1)
        while slots[slot] >= 0 {
            let entry = entries[Int(slots[slot])]
            if entry.hash == hash, text.mean(name, nodes[Int(entry.member)].name) { return false }
            slot = (slot + 1) & (slots.count - 1)
        }
        slots[slot] = Int32(truncatingIfNeeded: entries.count)
        entries.append((hash, Int32(truncatingIfNeeded: member)))
        if entries.count * 2 > slots.count { grow() }
        return true
    }

    private mutating func grow() {
        slots = [Int32](repeating: -1, count: slots.count * 4)
        for (index, entry) in entries.enumerated() {
            var slot = entry.hash & (slots.count - 1)
            while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = Int32(truncatingIfNeeded: index)
        }
    }

    private static func hash(_ name: JSONDocument.Name, in text: Span<UInt8>) -> Int {
        var hasher = Hasher()
        if name.isEscaped {
            unsafe JSONEscape.remove(from: text, in: name.range).withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
        } else {
            unsafe text.extracting(name.range).bytes.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
        }
        return hasher.finalize()
    }
}

extension Span<UInt8> {
    /// Whether two names mean the same, however they are written.
    fileprivate func mean(_ one: JSONDocument.Name, _ other: JSONDocument.Name) -> Bool {
        guard one.isEscaped || other.isEscaped else {
            return one.range.count == other.range.count && same(one.range, other.range)
        }
        return meaning(one) == meaning(other)
    }

    private func meaning(_ name: JSONDocument.Name) -> [UInt8] {
        name.isEscaped ? JSONEscape.remove(from: self, in: name.range) : bytes(in: name.range)
    }

    /// Whether two ranges of the same length hold the same bytes.
    fileprivate func same(_ one: Range<Int>, _ other: Range<Int>) -> Bool {
        for offset in 0..<one.count where self[one.lowerBound + offset] != self[other.lowerBound + offset] {
            return false
        }
        return true
    }
}
