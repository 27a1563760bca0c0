/// A detector of duplicate member names in an object, in time linear in the text.
///
/// A 64-bit filter clears nearly all names of small objects immediately; the others are compared with the previous
/// names. Objects with many names, or with escaped names, use a hash table of the decoded names.
struct JSONNames {
    private static let few = 32

    private let object: Int
    private var count = 0
    private var filter: UInt64 = 0
    private var table: JSONNameTable?

    init(object: Int) { self.object = object }

    /// Adds a name, and returns whether it is new.
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

    /// Returns a number below 64 from the ends of a name and its length.
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
        // The value of the member will be appended to the index.
        return table?.insert(name, at: nodes.count, in: text, nodes) ?? false
    }
}

/// A hash table of the decoded names of one large object: `a` and `\u0061` are the same name.
///
/// It uses open addressing with the standard library's hash function. Its seed differs in every process, so an
/// attacker cannot choose colliding names.
private struct JSONNameTable {
    private var slots = [Int32](repeating: -1, count: 128)
    private var entries: [(hash: Int, member: Int32)] = []

    /// Adds the name of a member, and returns whether it is new.
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
    /// Returns whether two names are equal after decoding.
    fileprivate func mean(_ one: JSONDocument.Name, _ other: JSONDocument.Name) -> Bool {
        guard one.isEscaped || other.isEscaped else {
            return one.range.count == other.range.count && same(one.range, other.range)
        }
        return meaning(one) == meaning(other)
    }

    private func meaning(_ name: JSONDocument.Name) -> [UInt8] {
        name.isEscaped ? JSONEscape.remove(from: self, in: name.range) : bytes(in: name.range)
    }

    /// Returns whether two ranges of the same length have the same bytes.
    fileprivate func same(_ one: Range<Int>, _ other: Range<Int>) -> Bool {
        for offset in 0..<one.count where self[one.lowerBound + offset] != self[other.lowerBound + offset] {
            return false
        }
        return true
    }
}
