/// Where webhooks may be sent to.
///
/// The policy is asked twice: about the URL's text, at registration and before each attempt, and about the address that
/// a transport is about to connect to. The first alone can be fooled by a name that changes its address; the second
/// alone would tell users of a mistake only when the first event is due.
///
/// It belongs to the host, never to an account: what an account could open is open to every attacker with an account.
public struct EndpointPolicy: Sendable, Hashable {
    /// Whether `http` is allowed beside `https`.
    public var allowsInsecureHTTP = false
    /// The ports that are allowed; `nil` for all.
    public var allowedPorts: Set<Int>? = [443]
    /// Endings of names that resolve inside somebody's network only; whole labels are compared.
    public var localNames: LocalNames = .standard
    /// Addresses that are allowed though they are not public, such as those of a private network.
    ///
    /// A metadata service, which hands credentials to whoever asks, and an address with an IPv4 address in it are opened by a
    /// block of that one address only.
    public var allowedBlocks: [AddressBlock] = []
    /// Names, written in full, that may be local and lead to addresses of a private network: private, shared or unique local
    /// ones and loopback, but never link-local or metadata addresses.
    ///
    /// They may have underscores, which other names may not. An entry that is no host name, such as a URL or a pattern, stops
    /// the program.
    public var allowedHosts: Set<String> = [] {
        didSet {
            allowedHosts = Set(allowedHosts.map(HostName.normalized))
            for host in allowedHosts {
                precondition(HostName.canBeListed(host), "allowedHosts: “\(host)” is no host name and can never match")
            }
        }
    }
    /// The prefixes of a network that translates IPv6 to IPv4; an address under one counts as the IPv4 address in it.
    public var nat64Prefixes: [NAT64Prefix] = []

    /// Creates the production policy, to be changed.
    public init() {}

    /// Public addresses over `https` on port 443, and nothing else.
    public static let production = EndpointPolicy()

    /// What production allows, and `http`, every port and this machine besides: `127.0.0.0/8`, `::1` and `localhost`.
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
    /// Judges an address that a transport is about to connect to.
    ///
    /// - Parameters:
    ///   - address: The address.
    ///   - host: The host name that it was looked up for, in lower case and without a trailing dot; `nil` for none.
    /// - Throws: ``EndpointError`` with code ``EndpointError/Code/blockedAddress``.
    public func check(_ address: IPAddress, of host: String? = nil) throws(EndpointError) {
        let prefixes = nat64Prefixes.filter { $0.contains(address) }
        guard !prefixes.isEmpty else { return try checkPlain(address, host) }
        // Prefixes may overlap, and which one a translator goes by is its own affair: every reading must be allowed.
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

    /// Judges a well-formed host name in lower case, without a trailing dot.
    func check(name: String) throws(EndpointError) {
        guard !allowedHosts.contains(name), localNames.contains(name) else { return }
        throw EndpointError(
            .localName, "The host is a name of the local network",
            hint: "Use a public host name or a tunnel. The operator can list the name in `allowedHosts`.")
    }
}

extension EndpointError {
    fileprivate static func blocked(_ purpose: String) -> EndpointError {
        EndpointError(
            .blockedAddress, "The address is not on the public internet (\(purpose))",
            hint:
                "Use a public address or a tunnel. The operator can open it with `allowedBlocks`, or list the host in `allowedHosts`."
        )
    }
}
