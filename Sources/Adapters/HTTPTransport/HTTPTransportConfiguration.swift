#if HTTPTransport
public import NIOCore
internal import NIOPosix

/// What the transport trusts, how much it holds, and how it leaves the machine.
public struct HTTPTransportConfiguration: Sendable {
    /// PEM certificates to trust in place of the system's; `nil` for the system's.
    public var rootCertificates: [UInt8]?
    /// Where the system's certificates are.
    package var trustStore = TrustStore.system
    /// What the transport proves itself with to endpoints that ask for it.
    public var clientCertificate: ClientCertificate?
    /// Whether TLS 1.2 is refused as well; older versions always are.
    public var requiresTLS13 = false
    /// The way out, for networks that have only one; `nil` to connect directly.
    ///
    /// Nothing is read from the environment.
    public var proxy: EgressProxy?
    /// The most connections to all endpoints together; a request beyond them waits within its own time.
    ///
    /// An account may use at most half of what the others leave free; requests without an account share as if they were one
    /// account's.
    public var maximumConnections = 1024
    /// The most connections to one endpoint, on each thread that calls for it.
    public var maximumConnectionsPerEndpoint = 256
    /// The most host names that are looked up at once; at least 2.
    ///
    /// Half of the places are for names that resolved within the last hour, half for all others. An account, and all names
    /// of one domain, may hold at most half of what the others leave free. Requests beyond that wait within their own time,
    /// which then is not the endpoint's failure.
    public var maximumLookUps = 256
    /// How long a connection is kept open for the next request.
    ///
    /// Servers close idle ones after 5 s (Node) to 75 s (nginx); one that waited longer is not worth a try. A server that announces
    /// a shorter time (`Keep-Alive: timeout=`) has its connections closed half a second before it.
    public var maximumIdleTime = Duration.seconds(4)
    /// How long a look-up of a host name counts; at most a minute.
    ///
    /// Kept connections are used again only while their address is among the latest answer.
    public var addressLifetime = Duration.seconds(30)
    /// The threads that the transport works on; they must outlive it.
    public var eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton

    /// Creates the defaults.
    public init() {}
}

/// A certificate with its key, both in PEM.
public struct ClientCertificate: Sendable {
    /// The certificate, and those between it and the root.
    public var chain: [UInt8]
    /// The private key.
    public var privateKey: [UInt8]

    /// Creates a certificate.
    ///
    /// - Parameters:
    ///   - chain: The certificate in PEM, and those between it and the root.
    ///   - privateKey: The private key in PEM.
    public init(chain: [UInt8], privateKey: [UInt8]) {
        self.chain = chain
        self.privateKey = privateKey
    }
}

/// An HTTP proxy that opens tunnels (`CONNECT`), such as smokescreen.
///
/// The proxy looks the host name up, so the rule for addresses is the proxy's to keep; the rule for URLs is kept before it is
/// asked.
public struct EgressProxy: Sendable {
    /// Its name or address.
    public var host: String
    /// Its port.
    public var port: Int
    /// The value of `Proxy-Authorization`, if it wants one.
    public var authorization: String?

    /// Creates a proxy.
    ///
    /// - Parameters:
    ///   - host: Its name or address.
    ///   - port: Its port.
    ///   - authorization: The value of `Proxy-Authorization`.
    public init(host: String, port: Int, authorization: String? = nil) {
        self.host = host
        self.port = port
        self.authorization = authorization
    }
}
#endif
