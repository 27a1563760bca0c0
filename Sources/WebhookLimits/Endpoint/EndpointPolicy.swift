/// The rules for where webhooks may be sent.
///
/// The policy validates twice: the URL's text, at registration and before each attempt, and the address that a
/// transport is about to connect to. The first check alone can be bypassed by a name that changes its address; the
/// second alone would report a user's mistake only when the first event is due.
///
/// The host sets the policy, never an account: whatever an account could allow, every attacker with an account could.
public struct EndpointPolicy: Sendable, Hashable {
    /// Whether `http` is allowed in addition to `https`.
    public var allowsInsecureHTTP = false
    /// The allowed ports; `nil` for all.
    public var allowedPorts: Set<Int>? = [443]
    /// The endings of names that resolve only inside a private network; whole labels are compared.
    public var localNames: EndpointPolicy.LocalNames = .standard
    /// Blocks of addresses that are allowed although they are not public, such as those of a private network.
    ///
    /// A metadata service, which hands out credentials to any client, and an address that embeds an IPv4 address are
    /// allowed only by a block of exactly that address.
    public var allowedBlocks: [EndpointPolicy.AddressBlock] = []
    /// Full host names that may be local and may resolve to private, shared, unique local or loopback addresses, but
    /// never to link-local or metadata addresses.
    ///
    /// These names may contain underscores, which other names may not. An entry that is not a host name, such as a URL
    /// or a pattern, stops the program.
    public var allowedHosts: Set<String> = [] {
        didSet {
            allowedHosts = Set(allowedHosts.map(HostName.normalized))
            for host in allowedHosts {
                precondition(HostName.canBeListed(host), "allowedHosts: “\(host)” is not a host name and never matches")
            }
        }
    }
    /// The prefixes of a network that translates IPv6 to IPv4.
    ///
    /// The policy validates the IPv4 address that is embedded in an address under such a prefix.
    public var nat64Prefixes: [EndpointPolicy.NAT64Prefix] = []

    /// Creates the production policy.
    public init() {}

    /// The policy for production: only public addresses over `https` on port 443.
    public static let production = EndpointPolicy()

    /// The production policy plus `http`, every port and this machine (`127.0.0.0/8`, `::1` and `localhost`).
    public static let development: EndpointPolicy = {
        var policy = EndpointPolicy()
        policy.allowsInsecureHTTP = true
        policy.allowedPorts = nil
        policy.allowedBlocks = ["127.0.0.0/8", "::1"]
        policy.allowedHosts = ["localhost"]
        return policy
    }()
}

extension EndpointPolicy {
    /// Validates an address that a transport is about to connect to.
    ///
    /// - Parameters:
    ///   - address: The address.
    ///   - host: The host name that resolved to the address, in lower case without a trailing dot; `nil` for none.
    /// - Throws: ``EndpointError`` with code ``EndpointError/Code/blockedAddress``.
    public func check(_ address: IPAddress, of host: String? = nil) throws(EndpointError) {
        let prefixes = nat64Prefixes.filter { $0.contains(address) }
        guard !prefixes.isEmpty else { return try checkPlain(address, host) }
        // Prefixes may overlap, and a translator may use any of them, so every embedded address must be allowed.
        for prefix in prefixes {
            guard let embedded = prefix.embedded(in: address) else { throw .blocked("a malformed translation") }
            try checkPlain(embedded, host)
        }
    }

    private func checkPlain(_ address: IPAddress, _ host: String?) throws(EndpointError) {
        guard let refusal = AddressRule.refusal(of: address) else { return }
        let isOpened = allowedBlocks.contains { block in
            block.contains(address) && (refusal.kind.isOpenedByAnyBlock || block.isSingleAddress)
        }
        if isOpened { return }
        if refusal.kind == .local, let host, allowedHosts.contains(host) { return }
        throw .blocked(refusal.purpose)
    }

    /// Validates a well-formed host name in lower case, without a trailing dot.
    func check(name: String) throws(EndpointError) {
        guard !allowedHosts.contains(name), localNames.contains(name) else { return }
        throw EndpointError(
            .localName, "The host is a name of a local network",
            hint: "Use a public host name or a tunnel. The operator can list the name in `allowedHosts`.")
    }
}

extension EndpointError {
    fileprivate static func blocked(_ purpose: String) -> EndpointError {
        EndpointError(
            .blockedAddress, "The address is not on the public internet (\(purpose))",
            hint:
                "Use a public address or a tunnel. The operator can allow it in `allowedBlocks` or `allowedHosts`."
        )
    }
}
