/// A prefix under which a network translates IPv6 to IPv4 (RFC 6052).
///
/// On a network without IPv4, every IPv4 endpoint resolves to an address under such a prefix.
public struct NAT64Prefix: Sendable, Hashable, LosslessStringConvertible {
    private let block: AddressBlock

    /// The prefix that every network may use.
    ///
    /// Source: RFC 6052, section 2.1.
    public static let wellKnown = NAT64Prefix(block: "64:ff9b::/96")

    private init(block: AddressBlock) { self.block = block }

    /// Reads a prefix, for example `64:ff9b::/96`.
    ///
    /// - Parameter description: An IPv6 block with one of the lengths of RFC 6052: 32, 40, 48, 56, 64 or 96.
    public init?(_ description: String) {
        guard let block = AddressBlock(description), block.first.family == .v6,
            [32, 40, 48, 56, 64, 96].contains(block.prefixLength)
        else { return nil }
        self.block = block
    }

    /// The prefix as text.
    public var description: String { block.description }

    /// Whether an address lies under the prefix.
    func contains(_ address: IPAddress) -> Bool { block.contains(address) }

    /// The IPv4 address that an address under the prefix stands for.
    ///
    /// It follows the prefix and leaves out bits 64 to 71, which are zero in every address that a network makes; some
    /// translators do not look at them, so with anything else in them the address stands for nothing.
    func embedded(in address: IPAddress) -> IPAddress? {
        if block.prefixLength == 96 { return IPAddress(v4: UInt32(truncatingIfNeeded: address.value)) }
        guard address.value >> 56 & 0xFF == 0 else { return nil }
        // Bits 0 to 63, then 72 on, as if the gap were not there.
        let joined = (address.value >> 64) << 64 | (address.value << 72) >> 64
        return IPAddress(v4: UInt32(truncatingIfNeeded: joined >> UInt128(96 - block.prefixLength)))
    }
}
