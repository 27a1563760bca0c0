#if HTTPTransport
extension HTTPTransportConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Everything but private keys and credentials.
    public var description: String {
        let fields = shown.map { "\($0.label): \($0.value)" }
        return "HTTPTransportConfiguration(\(fields.joined(separator: ", ")))"
    }
    /// The same as ``description``.
    public var debugDescription: String { description }
    /// Everything but private keys and credentials.
    public var customMirror: Mirror {
        Mirror(self, children: shown.map { (label: $0.label, value: $0.value as Any) }, displayStyle: .struct)
    }

    private var shown: [(label: String, value: String)] {
        [
            ("rootCertificates", rootCertificates.map { "\($0.count) bytes" } ?? "the system's"),
            ("clientCertificate", clientCertificate?.description ?? "none"), ("requiresTLS13", "\(requiresTLS13)"),
            ("proxy", proxy?.description ?? "none"), ("maximumConnections", "\(maximumConnections)"),
            ("maximumConnectionsPerEndpoint", "\(maximumConnectionsPerEndpoint)"),
            ("maximumIdleTime", "\(idleTimeout)"), ("addressLifetime", "\(addressCacheLifetime)"),
        ]
    }
}

extension ClientCertificate: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The lengths of the certificates and of the key, never the key.
    public var description: String {
        "ClientCertificate(chain: \(chain.count) bytes, privateKey: \(privateKey.count) bytes, hidden)"
    }
    /// The same as ``description``.
    public var debugDescription: String { description }
    /// The lengths of the certificates and of the key, never the key.
    public var customMirror: Mirror {
        Mirror(
            self, children: ["chain": "\(chain.count) bytes", "privateKey": "\(privateKey.count) bytes, hidden"],
            displayStyle: .struct)
    }
}

extension EgressProxy: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Host, port and whether there is an authorization, never its value.
    public var description: String { "EgressProxy(\(shownHost):\(port), authorization: \(shownAuthorization))" }
    /// The same as ``description``.
    public var debugDescription: String { description }
    /// Host, port and whether there is an authorization, never its value.
    public var customMirror: Mirror {
        Mirror(
            self, children: ["host": shownHost, "port": port, "authorization": shownAuthorization],
            displayStyle: .struct)
    }

    private var shownAuthorization: String { authorization == nil ? "none" : "hidden" }

    /// The host, unless it is a URL, which may contain credentials.
    private var shownHost: String { host.contains { "@/?#".contains($0) } ? "hidden" : host }
}

extension HTTPTransport: CustomReflectable {
    /// The policy; connections, requests and the configuration are not shown.
    public var customMirror: Mirror { Mirror(self, children: ["policy": policy]) }
}
#endif
