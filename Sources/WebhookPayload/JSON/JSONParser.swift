/// The strict reader of RFC 8259: one pass, no look-back, a bounded stack.
///
/// Stricter than the RFC where it leaves the choice: duplicate names are refused, because two readers that disagree on
/// which of them counts is how a signed document comes to mean two things.
struct JSONParser {
    let maximumDepth: Int
    var nodes: [JSONDocument.Node] = []
    private var position = 0

    init(maximumDepth: Int) {
        self.maximumDepth = maximumDepth
    }

    mutating func parse(_ bytes: [UInt8]) throws(PayloadError) {
        guard bytes.count < Int(Int32.max) else { throw .json("text too long", at: Int(Int32.max)) }
        nodes.reserveCapacity(bytes.count / 12 + 8)
        let text = bytes.span
        skipSpace(text)
        try value(text, depth: 0)
        skipSpace(text)
        guard position == text.count else { throw .json("unexpected text after the value", at: position) }
    }

    private mutating func value(_ text: Span<UInt8>, depth: Int) throws(PayloadError) {
        guard let first = peek(text) else { throw .json("unexpected end", at: position) }
        switch first {
        case UInt8(ascii: "{"): try object(text, depth: depth + 1)
        case UInt8(ascii: "["): try array(text, depth: depth + 1)
        case UInt8(ascii: "\""): try string(text)
        case UInt8(ascii: "t"): try literal(text, "true", .true)
        case UInt8(ascii: "f"): try literal(text, "false", .false)
        case UInt8(ascii: "n"): try literal(text, "null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number(text)
        default: throw .json("unexpected character", at: position)
        }
    }

    private mutating func object(_ text: Span<UInt8>, depth: Int) throws(PayloadError) {
        let index = try open(.object, depth: depth)
        var isUnique = JSONNameSet()
        if !closes(text, with: UInt8(ascii: "}")) {
            repeat {
                skipSpace(text)
                guard peek(text) == UInt8(ascii: "\"") else { throw .json("expected a member name", at: position) }
                let key = nodes.count
                try string(text)
                guard isUnique.insert(nodes[key], in: text) else {
                    throw .json("duplicate member name", at: Int(nodes[key].start))
                }
                skipSpace(text)
                guard take(text, UInt8(ascii: ":")) else { throw .json("expected ':'", at: position) }
                skipSpace(text)
                try value(text, depth: depth)
                skipSpace(text)
            } while take(text, UInt8(ascii: ","))
            guard take(text, UInt8(ascii: "}")) else { throw .json("expected ',' or '}'", at: position) }
        }
        close(index)
    }

    private mutating func array(_ text: Span<UInt8>, depth: Int) throws(PayloadError) {
        let index = try open(.array, depth: depth)
        if !closes(text, with: UInt8(ascii: "]")) {
            repeat {
                skipSpace(text)
                try value(text, depth: depth)
                skipSpace(text)
            } while take(text, UInt8(ascii: ","))
            guard take(text, UInt8(ascii: "]")) else { throw .json("expected ',' or ']'", at: position) }
        }
        close(index)
    }

    private mutating func open(_ kind: JSONDocument.Kind, depth: Int) throws(PayloadError) -> Int {
        guard depth <= maximumDepth else { throw .json("nested deeper than \(maximumDepth)", at: position) }
        nodes.append(.init(kind: kind, start: Int32(position), end: 0, next: 0))
        position += 1
        return nodes.count - 1
    }

    private mutating func closes(_ text: Span<UInt8>, with byte: UInt8) -> Bool {
        skipSpace(text)
        return take(text, byte)
    }

    private mutating func close(_ index: Int) {
        nodes[index].end = Int32(position)
        nodes[index].next = Int32(nodes.count)
    }

    private mutating func append(_ kind: JSONDocument.Kind, from start: Int) {
        nodes.append(.init(kind: kind, start: Int32(start), end: Int32(position), next: Int32(nodes.count + 1)))
    }

    private mutating func literal(
        _ text: Span<UInt8>, _ word: StaticString, _ kind: JSONDocument.Kind
    ) throws(PayloadError) {
        let start = position
        for byte in word.description.utf8 {
            guard take(text, byte) else { throw .json("unexpected character", at: position) }
        }
        append(kind, from: start)
    }

    /// Reads `-? (0 | [1-9][0-9]*) (\. [0-9]+)? ([eE] [+-]? [0-9]+)?`, and nothing looser.
    private mutating func number(_ text: Span<UInt8>) throws(PayloadError) {
        let start = position
        _ = take(text, UInt8(ascii: "-"))
        if !take(text, UInt8(ascii: "0")) { try digits(text) }
        if take(text, UInt8(ascii: ".")) { try digits(text) }
        if take(text, UInt8(ascii: "e")) || take(text, UInt8(ascii: "E")) {
            if !take(text, UInt8(ascii: "+")) { _ = take(text, UInt8(ascii: "-")) }
            try digits(text)
        }
        append(.number, from: start)
    }

    private mutating func digits(_ text: Span<UInt8>) throws(PayloadError) {
        let start = position
        while let byte = peek(text), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        guard position > start else { throw .json("expected a digit", at: position) }
    }

    private mutating func string(_ text: Span<UInt8>) throws(PayloadError) {
        let start = position
        position += 1
        var isEscaped = false
        while let byte = peek(text) {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return append(isEscaped ? .escapedString : .string, from: start)
            case UInt8(ascii: "\\"):
                isEscaped = true
                position = try JSONEscape.check(text, at: position)
            case 0..<0x20: throw .json("control character in a string", at: position)
            case 0x20..<0x80: position += 1
            default: position = try UTF8Check.sequence(text, at: position)
            }
        }
        throw .json("string without an end", at: start)
    }

    private func peek(_ text: Span<UInt8>) -> UInt8? {
        position < text.count ? text[position] : nil
    }

    private mutating func take(_ text: Span<UInt8>, _ byte: UInt8) -> Bool {
        guard position < text.count, text[position] == byte else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace(_ text: Span<UInt8>) {
        while position < text.count {
            switch text[position] {
            case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"): position += 1
            default: return
            }
        }
    }
}

/// The names of one object so far.
///
/// Small objects compare in place; large ones hash, so the cost stays linear.
private struct JSONNameSet {
    private var few: [JSONDocument.Node] = []
    private var many: Set<[UInt8]> = []

    /// Adds a name, and says whether it was new.
    mutating func insert(_ name: JSONDocument.Node, in text: Span<UInt8>) -> Bool {
        guard few.count < 16, many.isEmpty, name.kind == .string else {
            for name in few { many.insert(decoded(name, in: text)) }
            few = []
            return many.insert(decoded(name, in: text)).inserted
        }
        guard !few.contains(where: { same($0, name, in: text) }) else { return false }
        few.append(name)
        return true
    }

    private func same(_ one: JSONDocument.Node, _ other: JSONDocument.Node, in text: Span<UInt8>) -> Bool {
        let length = one.end - one.start
        guard length == other.end - other.start else { return false }
        for offset in 0..<length where text[Int(one.start + offset)] != text[Int(other.start + offset)] {
            return false
        }
        return true
    }

    private func decoded(_ name: JSONDocument.Node, in text: Span<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        for index in Int(name.start) + 1..<Int(name.end) - 1 { bytes.append(text[index]) }
        return name.kind == .string ? bytes : JSONEscape.remove(from: bytes[...])
    }
}
