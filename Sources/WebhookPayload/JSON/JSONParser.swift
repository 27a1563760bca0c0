/// A strict parser for RFC 8259: one pass, no backtracking, a bounded stack.
///
/// Where the RFC leaves a choice, the parser is strict: it rejects duplicate names, because two readers that use
/// different ones would understand the same signed document differently.
struct JSONParser: ~Escapable {
    private let text: Span<UInt8>
    private let maximumDepth: Int
    private var nodes: [JSONDocument.Node] = []
    private var position = 0
    /// The name of the member whose value is parsed next.
    private var name = JSONDocument.Name()

    @_lifetime(copy text)
    private init(_ text: Span<UInt8>, maximumDepth: Int) {
        self.text = text
        self.maximumDepth = maximumDepth
        nodes.reserveCapacity(text.count / 16 + 8)
    }

    /// Validates a text and returns its index.
    static func parse(_ text: Span<UInt8>, maximumDepth: Int) throws(PayloadError) -> [JSONDocument.Node] {
        guard text.count < Int(Int32.max) else { throw .json("text too long", at: Int(Int32.max)) }
        var parser = JSONParser(text, maximumDepth: maximumDepth)
        parser.skipSpace()
        try parser.value(depth: 0)
        parser.skipSpace()
        guard parser.position == text.count else {
            throw .json("unexpected text after the value", at: parser.position)
        }
        return parser.nodes
    }

    private mutating func value(depth: Int) throws(PayloadError) {
        guard position < text.count else { throw .json("unexpected end", at: position) }
        switch text[position] {
        case UInt8(ascii: "\""): try string()
        case UInt8(ascii: "{"): try object(depth: depth + 1)
        case UInt8(ascii: "["): try array(depth: depth + 1)
        case UInt8(ascii: "t"): try literal("true", .true)
        case UInt8(ascii: "f"): try literal("false", .false)
        case UInt8(ascii: "n"): try literal("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number()
        default: throw .json("unexpected character", at: position)
        }
    }

    private mutating func object(depth: Int) throws(PayloadError) {
        let index = try open(.object, depth: depth)
        var names = JSONNames(object: index)
        skipSpace()
        if !take(UInt8(ascii: "}")) {
            repeat {
                skipSpace()
                guard position < text.count, text[position] == UInt8(ascii: "\"") else {
                    throw .json("expected a member name", at: position)
                }
                let start = position + 1
                let isEscaped = try skipString()
                let name = JSONDocument.Name(start..<position - 1, isEscaped: isEscaped)
                guard names.insert(name, in: text, nodes) else {
                    throw .json("duplicate member name", at: start - 1)
                }
                skipSpace()
                guard take(UInt8(ascii: ":")) else { throw .json("expected ':'", at: position) }
                skipSpace()
                self.name = name
                try value(depth: depth)
                skipSpace()
            } while take(UInt8(ascii: ","))
            guard take(UInt8(ascii: "}")) else { throw .json("expected ',' or '}'", at: position) }
        }
        close(index)
    }

    private mutating func array(depth: Int) throws(PayloadError) {
        let index = try open(.array, depth: depth)
        skipSpace()
        if !take(UInt8(ascii: "]")) {
            repeat {
                skipSpace()
                try value(depth: depth)
                skipSpace()
            } while take(UInt8(ascii: ","))
            guard take(UInt8(ascii: "]")) else { throw .json("expected ',' or ']'", at: position) }
        }
        close(index)
    }

    private mutating func open(_ kind: JSONDocument.Kind, depth: Int) throws(PayloadError) -> Int {
        guard depth <= maximumDepth else { throw .json("nested deeper than \(maximumDepth)", at: position) }
        append(kind, from: position)
        position += 1
        return nodes.count - 1
    }

    private mutating func close(_ index: Int) {
        nodes[index].end = Int32(truncatingIfNeeded: position)
        nodes[index].next = Int32(truncatingIfNeeded: nodes.count)
    }

    private mutating func append(_ kind: JSONDocument.Kind, from start: Int) {
        nodes.append(
            .init(
                kind: kind, name: name, start: Int32(truncatingIfNeeded: start),
                end: Int32(truncatingIfNeeded: position),
                next: Int32(truncatingIfNeeded: nodes.count + 1)))
    }

    private mutating func literal(_ word: StaticString, _ kind: JSONDocument.Kind) throws(PayloadError) {
        let (start, end) = (position, position + word.utf8CodeUnitCount)
        guard end <= text.count, text.matches(word, in: start..<end) else {
            throw .json("unexpected character", at: position)
        }
        position = end
        append(kind, from: start)
    }

    /// Parses `-? (0 | [1-9][0-9]*) (\. [0-9]+)? ([eE] [+-]? [0-9]+)?`, and rejects looser formats.
    private mutating func number() throws(PayloadError) {
        let start = position
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) { try digits() }
        if take(UInt8(ascii: ".")) { try digits() }
        let hasExponent = take(UInt8(ascii: "e")) || take(UInt8(ascii: "E"))
        if hasExponent {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try digits()
        }
        if hasExponent || position - start > 300 {
            guard JSONNumberRange.isFinite(text, in: start..<position) else {
                throw .json("number out of range for a double", at: start)
            }
        }
        append(.number, from: start)
    }

    private mutating func digits() throws(PayloadError) {
        let start = position
        while position < text.count, text[position] &- UInt8(ascii: "0") < 10 { position += 1 }
        guard position > start else { throw .json("expected a digit", at: position) }
    }

    private mutating func string() throws(PayloadError) {
        let start = position
        append(try skipString() ? .escapedString : .string, from: start)
    }

    /// Validates the string at the current position, advances past it, and returns whether it contains escapes.
    private mutating func skipString() throws(PayloadError) -> Bool {
        let start = position
        var (index, isEscaped) = (position + 1, false)
        while true {
            // Skips plain ASCII, eight bytes at a time while at least eight remain.
            while index + 8 <= text.count {
                let marks = JSONWord.special(text.word(at: index))
                guard marks != 0 else {
                    index += 8
                    continue
                }
                index += marks.trailingZeroBitCount / 8
                break
            }
            guard index < text.count else { throw .json("unterminated string", at: start) }
            switch text[index] {
            case UInt8(ascii: "\""):
                position = index + 1
                return isEscaped
            case UInt8(ascii: "\\"):
                isEscaped = true
                index = try JSONEscape.check(text, at: index)
            case 0..<0x20: throw .json("control character in a string", at: index)
            case 0x20..<0x80: index += 1
            default: index = try UTF8Check.sequence(text, at: index)
            }
        }
    }

    @inline(__always)
    private mutating func take(_ byte: UInt8) -> Bool {
        guard position < text.count, text[position] == byte else { return false }
        position += 1
        return true
    }

    @inline(__always)
    private mutating func skipSpace() {
        // In compact text, one comparison per call suffices.
        while position < text.count, text[position] <= UInt8(ascii: " ") {
            switch text[position] {
            case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"): position += 1
            default: return
            }
        }
    }
}
