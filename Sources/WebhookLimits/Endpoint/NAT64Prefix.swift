extension EndpointPolicy {
    /// The prefix under which a network translates IPv6 to IPv4 (RFC 6052).
    ///
    /// On a network without IPv4, every IPv4 endpoint resolves to an address under such a prefix.
    public struct NAT64Prefix: Sendable, Hashable, LosslessStringConvertible {
        private let block: EndpointPolicy.AddressBlock

        /// The prefix that every network may use.
        ///
        /// Source: RFC 6052, section 2.1.
        public static let wellKnown = EndpointPolicy.NAT64Prefix(block: "64:ff9b::/96")

        private init(block: EndpointPolicy.AddressBlock) { self.block = block }

        /// Parses a prefix, for example `64:ff9b::/96`.
        ///
        /// - Parameter description: An IPv6 block with one of the lengths of RFC 6052: 32, 40, 48, 56, 64 or 96.
        public init?(_ description: String) {
            guard let block = EndpointPolicy.AddressBlock(description), block.first.family == .v6,
                [32, 40, 48, 56, 64, 96].contains(block.prefixLength)
            else { return nil }
            self.block = block
        }

        /// The prefix as text.
        public var description: String { block.description }

        /// Returns whether an address is under the prefix.
        func contains(_ address: IPAddress) -> Bool { block.contains(address) }

        /// Returns the IPv4 address that is embedded in an address under the prefix.
        ///
        /// The IPv4 address follows the prefix and skips bits 64 to 71, which are zero in every valid address. Some
        /// translators ignore these bits, so an address in which they are not zero is rejected with `nil`.
        func embedded(in address: IPAddress) -> IPAddress? {
            if block.prefixLength == 96 { return IPAddress(v4: UInt32(truncatingIfNeeded: address.value)) }
            guard address.value >> 56 & 0xFF == 0 else { return nil }
            // Bits 0 to 63 and 72 to 127, joined without the gap.
            let joined = (address.value >> 64) << 64 | (address.value << 72) >> 64
            return IPAddress(v4: UInt32(truncatingIfNeeded: joined >> UInt128(96 - block.prefixLength)))
        }
    }
}
