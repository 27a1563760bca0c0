#if HTTPTransport
public import NIOCore
internal import NIOPosix

/// The configuration of an HTTP transport: TLS, limits and an egress proxy.
public struct HTTPTransportConfiguration: Sendable {
    /// The trusted root certificates in PEM; `nil` for the system's.
    public var rootCertificates: [UInt8]?
    /// The location of the system's certificates.
    package var trustStore = TrustStore.system
    /// The certificate for endpoints that require client authentication.
    public var clientCertificate: ClientCertificate?
    /// Whether TLS 1.3 is required; otherwise TLS 1.2 is allowed too, but no older version.
    public var requiresTLS13 = false
    /// The egress proxy; `nil` to connect directly.
    ///
    /// The transport reads no proxy settings from the environment.
    public var proxy: EgressProxy?
    /// The maximum number of connections to all endpoints; further requests wait until their deadline.
    ///
    /// An account may use at most half of what the others leave free. Requests without an account count as one account.
    public var maximumConnections = 1024
    /// The maximum number of connections to one endpoint, on each thread that sends to it.
    public var maximumConnectionsPerEndpoint = 256
    /// The maximum number of concurrent look-ups of host names; at least 2.
    ///
    /// Half of the slots are for names that resolved within the last hour, half for all others. An account, and all
    /// names of one domain, may use at most half of what the others leave free. Further requests wait until their
    /// deadline, which does not count as the endpoint's failure.
    public var maximumLookups = 256
    /// How long an idle connection is kept open for the next request.
    ///
    /// Servers close idle connections after 5 s (Node) to 75 s (nginx), so older ones are not reused. If a server
    /// announces a shorter time (`Keep-Alive: timeout=`), its connections are closed half a second before that time.
    public var idleTimeout = Duration.seconds(4)
    /// How long the answer of a look-up is used; at most one minute.
    ///
    /// Idle connections are reused only while their address is in the latest answer.
    public var addressCacheLifetime = Duration.seconds(30)
    /// The event loops of the transport; they must outlive it.
    public var eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton

    /// Creates the default configuration.
    public init() {}
}

/// A client certificate with its private key, both in PEM.
public struct ClientCertificate: Sendable {
    /// The certificate, followed by the intermediate certificates.
    public var chain: [UInt8]
    /// The private key.
    public var privateKey: [UInt8]

    /// Creates a certificate.
    ///
    /// - Parameters:
    ///   - chain: The certificate in PEM, followed by the intermediate certificates.
    ///   - privateKey: The private key in PEM.
    public init(chain: [UInt8], privateKey: [UInt8]) {
        self.chain = chain
        self.privateKey = privateKey
    }
}

/// An HTTP proxy that opens tunnels (`CONNECT`), such as smokescreen.
///
/// The proxy looks up the host name, so it must enforce the policy for addresses. The transport validates the URL
/// before it contacts the proxy.
public struct EgressProxy: Sendable {
    /// The proxy's name or address.
    public var host: String
    /// The proxy's port.
    public var port: Int
    /// The value of `Proxy-Authorization`; `nil` if the proxy requires none.
    public var authorization: String?

    /// Creates a proxy.
    ///
    /// - Parameters:
    ///   - host: The proxy's name or address.
    ///   - port: The proxy's port.
    ///   - authorization: The value of `Proxy-Authorization`; `nil` if the proxy requires none.
    public init(host: String, port: Int, authorization: String? = nil) {
        self.host = host
        self.port = port
        self.authorization = authorization
    }
}
#endif
