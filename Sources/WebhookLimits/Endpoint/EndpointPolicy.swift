/// Where webhooks may be sent to.
///
/// The policy is asked twice: about the URL's text, at registration and before each attempt, and about the address that
/// a transport is about to connect to. The first alone can be fooled by a name that changes its address; the second
/// alone would tell users of a mistake only when the first event is due.
public struct EndpointPolicy: Sendable, Hashable {
    /// Whether `http` is allowed beside `https`.
    public let allowsInsecureHTTP: Bool
    /// Whether the machine's own addresses and names are allowed: `127.0.0.0/8`, `::1` and `localhost`.
    public let allowsLoopback: Bool
    /// The ports that are allowed; `nil` for all.
    public let allowedPorts: Set<Int>?

    /// Public addresses over `https` on port 443, and nothing else.
    public static let production = EndpointPolicy(
        allowsInsecureHTTP: false, allowsLoopback: false, allowedPorts: [443])

    /// What production allows, and `http`, every port and this machine besides.
    public static let development = EndpointPolicy(
        allowsInsecureHTTP: true, allowsLoopback: true, allowedPorts: nil)

    private init(allowsInsecureHTTP: Bool, allowsLoopback: Bool, allowedPorts: Set<Int>?) {
        self.allowsInsecureHTTP = allowsInsecureHTTP
        self.allowsLoopback = allowsLoopback
        self.allowedPorts = allowedPorts
    }

    /// Judges an address that a transport is about to connect to.
    ///
    /// - Parameter address: The address.
    /// - Throws: ``EndpointError`` with code ``EndpointError/Code/blockedAddress``.
    public func check(_ address: IPAddress) throws(EndpointError) {
        if allowsLoopback, Self.loopback.contains(where: { $0.contains(address) }) { return }
        guard let purpose = AddressRule.reasonToRefuse(address) else { return }
        throw EndpointError(
            .blockedAddress, "The address is not on the public internet (\(purpose))",
            hint: "Use a public host name or address; for a local test, use the development policy or a tunnel.")
    }

    private static let loopback = ["127.0.0.0/8", "::1/128"].compactMap(AddressBlock.init)

    /// Judges a host name by its labels.
    func check(name labels: [Substring]) throws(EndpointError) {
        if allowsLoopback, labels == ["localhost"] { return }
        let isLocal = Self.localSuffixes.contains { labels.suffix($0.count) == $0[...] }
        guard !isLocal, labels.count >= 2 else {
            throw EndpointError(
                .localName, "The host is a name of the local network",
                hint: "Use a public host name; for a local test, use the development policy or a tunnel.")
        }
    }

    /// Names that resolve inside somebody's network only.
    ///
    /// Sources: RFC 6761, 6762, 7686, 8375, 9476 and common practice.
    private static let localSuffixes: [[Substring]] = [
        "localhost", "local", "internal", "localdomain", "test", "invalid", "onion", "alt", "home.arpa", "lan", "home",
        "corp", "intranet", "private", "svc", "consul",
    ].map { (suffix: Substring) in suffix.split(separator: ".") }
}
