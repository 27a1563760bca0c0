/// An IPv4 or IPv6 address, parsed without a resolver.
public struct IPAddress: Sendable, Hashable, LosslessStringConvertible {
    /// The address family.
    public enum Family: Sendable, Hashable {
        /// 32 bits.
        case v4
        /// 128 bits.
        case v6
    }

    /// The address family.
    public let family: Family
    /// The address as a number; the first byte in network order is the most significant one.
    public let value: UInt128

    /// Creates an IPv4 address.
    ///
    /// - Parameter v4: The 32 bits of the address.
    public init(v4: UInt32) {
        self.family = .v4
        self.value = UInt128(v4)
    }

    /// Creates an IPv6 address.
    ///
    /// - Parameter v6: The 128 bits of the address.
    public init(v6: UInt128) {
        self.family = .v6
        self.value = v6
    }

    /// Parses a canonical dotted decimal IPv4 address, or an IPv6 address (RFC 4291) without zone and brackets.
    ///
    /// The other forms that `inet_aton` accepts (`127.1`, `0x7f.1`, `010.8.8.8`, `2130706433`) are rejected, because
    /// parsers disagree on their meaning.
    ///
    /// - Parameter description: The address as text.
    public init?(_ description: String) {
        let bytes = Array(description.utf8)
        if let address = Self.dotted(bytes[...]) {
            self.init(v4: address)
        } else if let address = Self.colons(bytes[...]) {
            self.init(v6: address)
        } else {
            return nil
        }
    }

    /// The number of bits of an address of this family.
    var width: Int { family == .v4 ? 32 : 128 }

    private static func dotted(_ bytes: ArraySlice<UInt8>) -> UInt32? {
        guard (7...15).contains(bytes.count) else { return nil }
        let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var address: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.count), part.allSatisfy(isDigit), part.count == 1 || part.first != 0x30 else {
                return nil
            }
            let value = part.reduce(UInt32(0)) { $0 * 10 + UInt32($1 - 0x30) }
            guard value <= 255 else { return nil }
            address = address << 8 | value
        }
        return address
    }

    private static func colons(_ bytes: ArraySlice<UInt8>) -> UInt128? {
        guard (2...45).contains(bytes.count), bytes.contains(colon) else { return nil }
        // The first `::`; a second one leaves an empty group, which is rejected.
        let gap = bytes.indices.dropLast().first { bytes[$0] == colon && bytes[$0 + 1] == colon }
        guard let gap else {
            guard let groups = groups(bytes), groups.count == 8 else { return nil }
            return number(groups)
        }
        // A dotted quad may appear only at the end of the address, so not before the gap.
        guard let head = groups(bytes[..<gap]), !bytes[..<gap].contains(dot), let tail = groups(bytes[(gap + 2)...]),
            head.count + tail.count <= 7
        else { return nil }
        return number(head + Array(repeating: 0, count: 8 - head.count - tail.count) + tail)
    }

    private static func groups(_ bytes: ArraySlice<UInt8>) -> [UInt16]? {
        guard !bytes.isEmpty else { return [] }
        var groups: [UInt16] = []
        let parts = bytes.split(separator: colon, omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if index == parts.count - 1, part.contains(dot) {
                guard let address = dotted(part) else { return nil }
                groups += [UInt16(address >> 16), UInt16(truncatingIfNeeded: address)]
            } else {
                guard (1...4).contains(part.count) else { return nil }
                var group: UInt16 = 0
                for byte in part {
                    guard let digit = hexDigit(byte) else { return nil }
                    group = group << 4 | digit
                }
                groups.append(group)
            }
        }
        return groups
    }

    private static func number(_ groups: [UInt16]) -> UInt128 {
        groups.reduce(0) { $0 << 16 | UInt128($1) }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    private static func hexDigit(_ byte: UInt8) -> UInt16? {
        switch byte {
        case 0x30...0x39: UInt16(byte - 0x30)
        case 0x41...0x46: UInt16(byte - 0x37)
        case 0x61...0x66: UInt16(byte - 0x57)
        default: nil
        }
    }

    private static let colon = UInt8(ascii: ":")
    private static let dot = UInt8(ascii: ".")
}
