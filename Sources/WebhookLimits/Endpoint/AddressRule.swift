/// Which addresses the public internet may be reached at, as data.
///
/// IPv4 is public unless it lies in a listed block. IPv6 is public only inside 2000::/3, and not in a listed block: every
/// form that embeds an IPv4 address falls out by itself. Sources: the IANA special-purpose address registries (RFC 6890
/// and successors), and the metadata addresses of cloud providers.
enum AddressRule {
    /// What the first block that holds the address is for, or `nil` for a public address.
    static func reasonToRefuse(_ address: IPAddress) -> String? {
        if let entry = refused.first(where: { $0.block.contains(address) }) { return entry.purpose }
        let isGlobal = address.family == .v4 || address.value >> 125 == 0b001
        return isGlobal ? nil : "outside the global unicast range"
    }

    private static let refused: [(block: AddressBlock, purpose: String)] = table.compactMap { text, purpose in
        AddressBlock(text).map { ($0, purpose) }
    }

    static let table: [(String, String)] = [
        ("0.0.0.0/8", "this network"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "carrier-grade NAT"),
        ("127.0.0.0/8", "loopback"),
        ("168.63.129.16/32", "a cloud host agent"),
        ("169.254.0.0/16", "link-local"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "IETF protocol assignments"),
        ("192.0.2.0/24", "documentation"),
        ("192.31.196.0/24", "AS112"),
        ("192.52.193.0/24", "AMT"),
        ("192.88.99.0/24", "6to4 relay"),
        ("192.168.0.0/16", "private"),
        ("192.175.48.0/24", "AS112"),
        ("198.18.0.0/15", "benchmarking"),
        ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
        ("::/128", "unspecified"),
        ("::1/128", "loopback"),
        ("::/96", "IPv4-compatible"),
        ("::ffff:0:0/96", "IPv4-mapped"),
        ("::ffff:0:0:0/96", "IPv4-translated"),
        ("64:ff9b::/96", "NAT64"),
        ("64:ff9b:1::/48", "NAT64"),
        ("100::/64", "discard"),
        ("100:0:0:1::/64", "dummy prefix"),
        ("2001::/23", "IETF protocol assignments"),
        ("2001:db8::/32", "documentation"),
        ("2002::/16", "6to4"),
        ("2620:4f:8000::/48", "AS112"),
        ("3fff::/20", "documentation"),
        ("5f00::/16", "segment routing"),
        ("fc00::/7", "unique local"),
        ("fe80::/10", "link-local"),
        ("fec0::/10", "site-local"),
        ("ff00::/8", "multicast"),
    ]
}
