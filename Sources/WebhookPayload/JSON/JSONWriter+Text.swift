// Strings are copied and checked eight bytes at a time; only a string that needs escapes is written byte by byte.
extension JSONWriter {
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

    /// Copies text without advancing `count`, and returns whether the text needs no escapes.
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
            // The mask excludes the unused high bytes, whose zeros would count as control characters.
            return JSONWord.mustBeEscaped(word) & (1 &<< UInt64(8 * text.count) &- 1) == 0
        }
        var marks: UInt64 = 0
        func move(_ index: Int) {
            let word = unsafe start.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            unsafe target.storeBytes(of: word, toByteOffset: index, as: UInt64.self)
            marks |= JSONWord.mustBeEscaped(word)
        }
        // Copies words of eight bytes; the last word overlaps the previous one.
        var index = 0
        while index + 8 < text.count {
            move(index)
            index += 8
        }
        move(text.count - 8)
        return marks == 0
    }

    /// Writes one byte of a string, as up to six bytes.
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
}

// The buffer. Callers reserve capacity before they write.
extension JSONWriter {
    @inline(__always)
    mutating func literal(_ text: StaticString) {
        reserve(text.utf8CodeUnitCount)
        unsafe copy(UnsafeRawPointer(text.utf8Start), text.utf8CodeUnitCount)
    }

    mutating func text(_ text: String) {
        unsafe text.withBytes { unsafe append(UnsafeRawBufferPointer($0)) }
    }

    /// Writes bytes and a comma.
    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        reserve(bytes.count + 1)
        if let start = bytes.baseAddress {
            unsafe (buffer + count).copyMemory(from: start, byteCount: bytes.count)
            count += bytes.count
        }
        put(UInt8(ascii: ","))
    }

    /// Copies a few bytes into reserved capacity, faster than the general function.
    @inline(__always)
    mutating func copy(_ bytes: UnsafeRawPointer, _ length: Int) {
        let target = unsafe buffer + count
        count += length
        guard length >= 8 else {
            for index in 0..<length {
                unsafe target.storeBytes(
                    of: bytes.load(fromByteOffset: index, as: UInt8.self), toByteOffset: index, as: UInt8.self)
            }
            return
        }
        // Copies words of eight bytes; the last word overlaps the previous one.
        for index in stride(from: 0, to: length - 8, by: 8) {
            unsafe target.storeBytes(
                of: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self), toByteOffset: index, as: UInt64.self)
        }
        unsafe target.storeBytes(
            of: bytes.loadUnaligned(fromByteOffset: length - 8, as: UInt64.self), toByteOffset: length - 8,
            as: UInt64.self)
    }

    /// Writes a byte into reserved capacity.
    @inline(__always)
    mutating func put(_ byte: UInt8) {
        unsafe buffer.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
        count += 1
    }

    /// Reserves capacity for a number of bytes.
    @inline(__always)
    mutating func reserve(_ length: Int) {
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
