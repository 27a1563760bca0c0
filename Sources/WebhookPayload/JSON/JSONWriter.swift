package import WebhookEvents

/// Writes JSON bytes in one pass: compact, members in the order given, UTF-8 unescaped.
///
/// The caller opens and closes in pairs. Every value is followed by a comma, which the next bracket overwrites; so no
/// value needs to know whether it is the first.
@safe
package struct JSONWriter: ~Copyable {
    private var buffer: UnsafeMutableRawPointer
    private var capacity: Int
    private var count = 0
    private var depth = 0
    /// How deep the objects and arrays written so far nest.
    package private(set) var deepest = 0
    /// Whether a moment was written whose year does not have four digits, which RFC 3339 cannot say.
    package private(set) var hasMomentBeyondRFC3339 = false

    package init(capacity: Int = 512) {
        self.capacity = max(64, capacity)
        unsafe self.buffer = .allocate(byteCount: self.capacity, alignment: 1)
    }

    deinit { unsafe buffer.deallocate() }

    /// What was written, one whole value.
    package var bytes: [UInt8] {
        unsafe Array(UnsafeRawBufferPointer(start: buffer, count: max(0, count - 1)))
    }

    package mutating func object(_ body: (inout JSONWriter) -> Void) {
        open(UInt8(ascii: "{"))
        body(&self)
        close(UInt8(ascii: "}"))
    }

    package mutating func array<Element>(_ elements: [Element], _ body: (inout JSONWriter, Element) -> Void) {
        open(UInt8(ascii: "["))
        for element in elements { body(&self, element) }
        close(UInt8(ascii: "]"))
    }

    /// Writes a member's name, which needs no escapes; the next call writes its value.
    @inline(__always)
    package mutating func name(_ name: StaticString) {
        let length = name.utf8CodeUnitCount
        reserve(length + 3)
        put(UInt8(ascii: "\""))
        unsafe copy(UnsafeRawPointer(name.utf8Start), length)
        put(UInt8(ascii: "\""))
        put(UInt8(ascii: ":"))
    }

    /// Writes a member's name; the next call writes its value.
    package mutating func name(_ name: String) {
        string(name)
        unsafe buffer.storeBytes(of: UInt8(ascii: ":"), toByteOffset: count - 1, as: UInt8.self)
    }

    package mutating func null() { literal("null,") }

    package mutating func bool(_ value: Bool) {
        if value { literal("true,") } else { literal("false,") }
    }

    package mutating func integer(_ value: Int) {
        guard (0..<10).contains(value) else { return text(String(value)) }
        reserve(2)
        put(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value))
        put(UInt8(ascii: ","))
    }

    package mutating func value(_ value: JSONValue) {
        switch value {
        case .null: null()
        case .bool(let value): bool(value)
        case .number(let number): text(number.text)
        case .string(let text): string(text)
        case .array(let elements): array(elements) { $0.value($1) }
        case .object(let object): members(object)
        }
    }

    package mutating func members(_ object: JSONMembers) {
        self.object { writer in
            for member in object.members {
                writer.name(member.name)
                writer.value(member.value)
            }
        }
    }

    /// Writes text that is known to be one JSON value, untouched.
    package mutating func splice(_ json: [UInt8]) {
        unsafe json.withUnsafeBytes { unsafe append($0) }
    }

    /// Writes one value and returns where it stands.
    package mutating func range(of value: (inout JSONWriter) -> Void) -> Range<Int> {
        let start = count
        value(&self)
        return start..<count - 1
    }

    /// Writes a moment as RFC 3339 in UTC, cut to whole seconds.
    package mutating func timestamp(_ moment: Timestamp) {
        reserve(23)
        let target = unsafe UnsafeMutableRawBufferPointer(start: buffer + count + 1, count: 20)
        guard unsafe moment.writeRFC3339(into: target) else {
            hasMomentBeyondRFC3339 = true
            return string(moment.rfc3339)
        }
        put(UInt8(ascii: "\""))
        count += 20
        put(UInt8(ascii: "\""))
        put(UInt8(ascii: ","))
    }

    package mutating func string(_ text: String) {
        unsafe text.withBytes { unsafe string(UnsafeRawBufferPointer($0)) }
    }

    private mutating func string(_ text: UnsafeRawBufferPointer) {
        reserve(text.count + 3)
        put(UInt8(ascii: "\""))
        if unsafe copyPlain(text) {
            count += text.count
        } else {
            reserve(6 * text.count + 2)
            for index in 0..<text.count { escape(unsafe text[index]) }
        }
        put(UInt8(ascii: "\""))
        put(UInt8(ascii: ","))
    }

    /// Copies text as it is, and says whether nothing in it needs an escape; `count` stays where it was.
    private mutating func copyPlain(_ text: UnsafeRawBufferPointer) -> Bool {
        guard let start = text.baseAddress else { return true }
        let target = unsafe buffer + count
        guard text.count >= 8 else {
            var word: UInt64 = 0
            for index in 0..<text.count {
                let byte = unsafe start.load(fromByteOffset: index, as: UInt8.self)
                unsafe target.storeBytes(of: byte, toByteOffset: index, as: UInt8.self)
                word = word << 8 | UInt64(byte)
            }
            // Zeros stand above a short text, and look like what must be escaped.
            return JSONWord.mustBeEscaped(word) & (1 &<< UInt64(8 * text.count) &- 1) == 0
        }
        var marks: UInt64 = 0
        func move(_ index: Int) {
            let word = unsafe start.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            unsafe target.storeBytes(of: word, toByteOffset: index, as: UInt64.self)
            marks |= JSONWord.mustBeEscaped(word)
        }
        // Words of eight bytes; the last one overlaps the one before.
        var index = 0
        while index + 8 < text.count {
            move(index)
            index += 8
        }
        move(text.count - 8)
        return marks == 0
    }

    /// Writes one byte of a string, six at most.
    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): put(escaped: byte)
        case 0x08: put(escaped: UInt8(ascii: "b"))
        case 0x0C: put(escaped: UInt8(ascii: "f"))
        case 0x0A: put(escaped: UInt8(ascii: "n"))
        case 0x0D: put(escaped: UInt8(ascii: "r"))
        case 0x09: put(escaped: UInt8(ascii: "t"))
        case 0..<0x20:
            put(escaped: UInt8(ascii: "u"))
            put(UInt8(ascii: "0"))
            put(UInt8(ascii: "0"))
            put(Hex.digit(byte >> 4))
            put(Hex.digit(byte))
        default: put(byte)
        }
    }

    private mutating func put(escaped byte: UInt8) {
        put(UInt8(ascii: "\\"))
        put(byte)
    }

    private mutating func open(_ bracket: UInt8) {
        reserve(1)
        put(bracket)
        depth += 1
        deepest = max(deepest, depth)
    }

    private mutating func close(_ bracket: UInt8) {
        reserve(2)
        if unsafe buffer.load(fromByteOffset: count - 1, as: UInt8.self) == UInt8(ascii: ",") { count -= 1 }
        put(bracket)
        put(UInt8(ascii: ","))
        depth -= 1
    }
}

extension JSONWriter {
    @inline(__always)
    private mutating func literal(_ text: StaticString) {
        reserve(text.utf8CodeUnitCount)
        unsafe copy(UnsafeRawPointer(text.utf8Start), text.utf8CodeUnitCount)
    }

    private mutating func text(_ text: String) {
        unsafe text.withBytes { unsafe append(UnsafeRawBufferPointer($0)) }
    }

    /// Writes bytes and a comma.
    private mutating func append(_ bytes: UnsafeRawBufferPointer) {
        reserve(bytes.count + 1)
        if let start = bytes.baseAddress {
            unsafe (buffer + count).copyMemory(from: start, byteCount: bytes.count)
            count += bytes.count
        }
        put(UInt8(ascii: ","))
    }

    /// Copies a few bytes for which there is room, faster than a call of the general function.
    @inline(__always)
    private mutating func copy(_ bytes: UnsafeRawPointer, _ length: Int) {
        let target = unsafe buffer + count
        count += length
        guard length >= 8 else {
            for index in 0..<length {
                unsafe target.storeBytes(
                    of: bytes.load(fromByteOffset: index, as: UInt8.self), toByteOffset: index, as: UInt8.self)
            }
            return
        }
        // Words of eight bytes; the last one overlaps the one before.
        for index in stride(from: 0, to: length - 8, by: 8) {
            unsafe target.storeBytes(
                of: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self), toByteOffset: index, as: UInt64.self)
        }
        unsafe target.storeBytes(
            of: bytes.loadUnaligned(fromByteOffset: length - 8, as: UInt64.self), toByteOffset: length - 8,
            as: UInt64.self)
    }

    /// Writes a byte for which there is room.
    @inline(__always)
    private mutating func put(_ byte: UInt8) {
        unsafe buffer.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
        count += 1
    }

    /// Makes room for some bytes.
    @inline(__always)
    private mutating func reserve(_ length: Int) {
        if capacity - count < length { grow(length) }
    }

    private mutating func grow(_ length: Int) {
        let larger = max(2 * capacity, count + length)
        let copy = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 1)
        unsafe copy.copyMemory(from: buffer, byteCount: count)
        unsafe buffer.deallocate()
        unsafe buffer = copy
        capacity = larger
    }
}
