extension EndpointPolicy {
    /// A block of IP addresses in CIDR notation: an address and a prefix length.
    public struct AddressBlock: Sendable, Hashable, LosslessStringConvertible {
        /// The block's first address.
        public let first: IPAddress
        /// The number of leading bits that all addresses of the block share.
        public let prefixLength: Int

        /// Parses a block, for example `10.0.0.0/8` or `fc00::/7`; an address without a prefix length is a block of one.
        ///
        /// - Parameter description: An address, optionally followed by a slash and a prefix length. The bits after the
        ///   prefix must be zero, since the intended block would be ambiguous otherwise.
        public init?(_ description: String) {
            let parts = description.split(separator: "/", omittingEmptySubsequences: false)
            guard (1...2).contains(parts.count), let address = IPAddress(String(parts[0])) else { return nil }
            guard parts.count == 2 else {
                self.init(first: address, prefixLength: address.width)
                return
            }
            guard (1...3).contains(parts[1].utf8.count), parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let length = Int(parts[1]), length <= address.width
            else { return nil }
            self.init(first: address, prefixLength: length)
            guard isAligned else { return nil }
        }

        private init(first: IPAddress, prefixLength: Int) {
            self.first = first
            self.prefixLength = prefixLength
        }

        /// The block as text.
        public var description: String { "\(first)/\(prefixLength)" }

        /// Whether the block contains exactly one address.
        public var isSingleAddress: Bool { prefixLength == first.width }

        /// Returns whether the block contains an address.
        ///
        /// - Parameter address: The address.
        /// - Returns: Whether the block contains the address.
        public func contains(_ address: IPAddress) -> Bool {
            address.family == first.family && (address.value ^ first.value) >> UInt128(first.width - prefixLength) == 0
        }

        private var isAligned: Bool {
            let hostBits = UInt128(first.width - prefixLength)
            return hostBits == 0 || first.value & ((1 << hostBits) &- 1) == 0
        }
    }
}

extension EndpointPolicy.AddressBlock: ExpressibleByStringLiteral {
    /// Creates a block from a literal.
    ///
    /// - Precondition: The literal is a valid block.
    public init(stringLiteral value: String) {
        let block = EndpointPolicy.AddressBlock(value)
        precondition(block != nil, "\(value) is not an address block")
        self = block ?? EndpointPolicy.AddressBlock(first: IPAddress(v6: 0), prefixLength: 0)
    }
}
