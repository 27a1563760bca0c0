package import WebhookEvents

/// A writer for compact JSON in one pass, with members in the given order and unescaped UTF-8.
///
/// Every value is followed by a comma, which the next closing bracket overwrites. So no value needs to know whether it
/// is the first.
@safe
package struct JSONWriter: ~Copyable {
    var buffer: UnsafeMutableRawPointer
    var capacity: Int
    var count = 0
    private var depth = 0
    /// The maximum nesting depth of the objects and arrays written so far.
    package private(set) var deepest = 0
    /// Whether a member is below the minimum of its schema.
    package var isBelowMinimum = false
    /// Whether a written timestamp is out of range for RFC 3339, because its year does not have four digits.
    package private(set) var hasMomentBeyondRFC3339 = false

    package init(capacity: Int = 512) {
        self.capacity = max(64, capacity)
        unsafe self.buffer = .allocate(byteCount: self.capacity, alignment: 1)
    }

    deinit { unsafe buffer.deallocate() }

    /// The written bytes, which are one complete value.
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

    package mutating func members(_ object: JSONValue.Members) {
        self.object { writer in
            for member in object.members {
                writer.name(member.name)
                writer.value(member.value)
            }
        }
    }

    /// Writes text that is known to be one JSON value, without changes.
    package mutating func splice(_ json: [UInt8]) {
        unsafe json.withUnsafeBytes { unsafe append($0) }
    }

    /// Writes one value, and returns its range in the written bytes.
    package mutating func range(of value: (inout JSONWriter) -> Void) -> Range<Int> {
        let start = count
        value(&self)
        return start..<count - 1
    }

    /// Writes a timestamp as RFC 3339 in UTC, truncated to whole seconds.
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
