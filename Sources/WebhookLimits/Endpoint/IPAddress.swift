/// An IPv4 or IPv6 address as a number, read and judged without any resolver's help.
public struct IPAddress: Sendable, Hashable, LosslessStringConvertible {
    /// The two families of addresses.
    public enum Family: Sendable, Hashable {
        /// 32 bits.
        case v4
        /// 128 bits.
        case v6
    }

    /// Which family the address is of.
    public let family: Family
    /// The address as a number, the first byte on the wire being the highest.
    public let value: UInt128

    /// Creates an IPv4 address.
    ///
    /// - Parameter v4: Its 32 bits.
    public init(v4: UInt32) {
        self.family = .v4
        self.value = UInt128(v4)
    }

    /// Creates an IPv6 address.
    ///
    /// - Parameter v6: Its 128 bits.
    public init(v6: UInt128) {
        self.family = .v6
        self.value = v6
    }

    /// Reads a canonical dotted decimal IPv4 address, or an IPv6 address of RFC 4291 without zone and brackets.
    ///
    /// The other spellings that `inet_aton` takes (`127.1`, `0x7f.1`, `010.8.8.8`, `2130706433`) are refused: readers
    /// disagree on what they mean.
    ///
    /// - Parameter description: The address as text.
    public init?(_ description: String) {
        if let address = Self.dotted(description[...]) {
            self.init(v4: address)
        } else if let address = Self.colons(description) {
            self.init(v6: address)
        } else {
            return nil
        }
    }

    /// The number of bits of an address of this family.
    var width: Int { family == .v4 ? 32 : 128 }

    private static func dotted(_ text: Substring) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var address: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.utf8.count), part.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                part.utf8.count == 1 || part.utf8.first != 0x30, let byte = UInt8(part)
            else { return nil }
            address = address << 8 | UInt32(byte)
        }
        return address
    }

    private static func colons(_ text: String) -> UInt128? {
        guard text.utf8.count <= 45 else { return nil }
        let halves = text.split(separator: "::", maxSplits: 2, omittingEmptySubsequences: false)
        guard halves.count <= 2, let head = groups(halves[0]) else { return nil }
        guard halves.count == 2 else { return head.count == 8 ? number(head) : nil }
        guard let tail = groups(halves[1]), head.count + tail.count <= 7, halves[0].last != "." else { return nil }
        // A dotted quad may only end the address, so none may stand before the gap.
        guard !halves[0].contains(".") else { return nil }
        return number(head + Array(repeating: 0, count: 8 - head.count - tail.count) + tail)
    }

    private static func groups(_ text: Substring) -> [UInt16]? {
        guard !text.isEmpty else { return [] }
        var groups: [UInt16] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if index == parts.count - 1, part.contains(".") {
                guard let address = dotted(part) else { return nil }
                groups += [UInt16(address >> 16), UInt16(truncatingIfNeeded: address)]
            } else {
                guard (1...4).contains(part.utf8.count), part.utf8.allSatisfy(isHexDigit),
                    let group = UInt16(part, radix: 16)
                else { return nil }
                groups.append(group)
            }
        }
        return groups
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte)
    }

    private static func number(_ groups: [UInt16]) -> UInt128 {
        groups.reduce(0) { $0 << 16 | UInt128($1) }
    }
}
