/// The table of address blocks that are not public.
///
/// An IPv4 address is public unless a listed block contains it. An IPv6 address is public only inside 2000::/3 and
/// outside the listed blocks, which excludes every form that embeds an IPv4 address. Sources: the IANA special-purpose
/// address registries (RFC 6890 and successors), and the metadata addresses that cloud providers document.
enum AddressRule {
    /// The kind of a block that is not public, which decides how an operator can allow its addresses.
    enum Kind {
        /// A service that hands out credentials to any client; allowed only by its exact address, never by a wider
        /// block.
        case metadata
        /// Contains IPv4 addresses, including those of metadata services; allowed only by the exact address.
        case embedding
        /// A private network; allowed by a block or for a host.
        case local
        /// Any other block that is not globally reachable; allowed by a block.
        case special
        /// Globally reachable, but rejected by our choice because no webhook receiver is there; allowed by a block.
        case policyChoice

        var isOpenedByAnyBlock: Bool { self != .metadata && self != .embedding }
    }

    /// A block that is not public.
    struct Entry {
        let block: EndpointPolicy.AddressBlock
        let purpose: String
        let kind: Kind
    }

    /// Returns the first listed block that contains the address, or `nil` for a public address.
    static func refusal(of address: IPAddress) -> Entry? {
        let entries = address.family == .v4 ? v4 : v6
        return entries.first { $0.block.contains(address) }
    }

    private static func entry(_ block: EndpointPolicy.AddressBlock, _ purpose: String, _ kind: Kind = .special) -> Entry
    {
        Entry(block: block, purpose: purpose, kind: kind)
    }

    static let v4: [Entry] = [
        entry("100.100.100.200", "cloud metadata", .metadata),
        entry("168.63.129.16", "a cloud host agent", .metadata),
        entry("169.254.0.23", "cloud metadata", .metadata),
        entry("169.254.42.42", "cloud metadata", .metadata),
        entry("169.254.169.254", "cloud metadata", .metadata),
        entry("169.254.170.2", "cloud metadata", .metadata),
        entry("169.254.170.23", "cloud metadata", .metadata),
        entry("192.0.0.192", "cloud metadata", .metadata),
        entry("0.0.0.0/8", "this network"),
        entry("10.0.0.0/8", "private", .local),
        entry("100.64.0.0/10", "carrier-grade NAT", .local),
        entry("127.0.0.0/8", "loopback", .local),
        entry("169.254.0.0/16", "link-local"),
        entry("172.16.0.0/12", "private", .local),
        entry("192.0.0.0/24", "IETF protocol assignments"),
        entry("192.0.2.0/24", "documentation"),
        entry("192.31.196.0/24", "AS112", .policyChoice),
        entry("192.52.193.0/24", "AMT", .policyChoice),
        entry("192.88.99.0/24", "6to4 relay"),
        entry("192.168.0.0/16", "private", .local),
        entry("192.175.48.0/24", "AS112", .policyChoice),
        entry("198.18.0.0/15", "benchmarking"),
        entry("198.51.100.0/24", "documentation"),
        entry("203.0.113.0/24", "documentation"),
        entry("224.0.0.0/4", "multicast"),
        entry("240.0.0.0/4", "reserved"),
    ]

    static let v6: [Entry] = [
        entry("fd00:42::42", "cloud metadata", .metadata),
        entry("fd00:c1::a9fe:a9fe", "cloud metadata", .metadata),
        entry("fd00:ec2::/32", "cloud metadata", .metadata),
        entry("fd20:ce::254", "cloud metadata", .metadata),
        entry("::", "unspecified"),
        entry("::1", "loopback", .local),
        entry("::/96", "IPv4-compatible", .embedding),
        entry("::ffff:0:0/96", "IPv4-mapped", .embedding),
        entry("::ffff:0:0:0/96", "IPv4-translated", .embedding),
        entry("64:ff9b::/96", "NAT64", .embedding),
        entry("64:ff9b:1::/48", "NAT64", .embedding),
        entry("100::/64", "discard"),
        entry("100:0:0:1::/64", "dummy prefix"),
        entry("2001::/32", "Teredo", .embedding),
        entry("2001::/23", "IETF protocol assignments"),
        entry("2001:db8::/32", "documentation"),
        entry("2002::/16", "6to4", .embedding),
        entry("2620:4f:8000::/48", "AS112", .policyChoice),
        entry("3fff::/20", "documentation"),
        entry("5f00::/16", "segment routing"),
        entry("fc00::/7", "unique local", .local),
        entry("fe80::/10", "link-local"),
        entry("fec0::/10", "site-local"),
        entry("ff00::/8", "multicast"),
        // The rest outside 2000::/3.
        entry("::/3", "outside the global unicast range"),
        entry("4000::/2", "outside the global unicast range"),
        entry("8000::/1", "outside the global unicast range"),
    ]
}
