#if HTTPTransport
internal import NIOCore
internal import NIOSSL
internal import WebhookDelivery
internal import WebhookLimits
internal import WebhookResolver
internal import WebhookRetries

/// The state that all workers of a transport share, and the set-up of their connections.
struct HTTPWorkerContext: Sendable {
    let policy: EndpointPolicy
    let configuration: HTTPTransportConfiguration
    let lookups: LookupRunner
    /// How long the answer of a look-up is used.
    let addressCacheLifetime: Duration
    let budget: ConnectionBudget
    let tls: TLSContexts

    init(policy: EndpointPolicy, configuration: HTTPTransportConfiguration, resolver: any HostResolver) {
        self.policy = policy
        self.configuration = configuration
        self.addressCacheLifetime = min(configuration.addressCacheLifetime, .seconds(60))
        var limits = LookupLimits()
        limits.inFlight = configuration.maximumLookups
        limits.answerLifetime = addressCacheLifetime
        self.lookups = LookupRunner(resolver, limits)
        self.budget = ConnectionBudget(configuration.maximumConnections)
        self.tls = TLSContexts(configuration)
    }

    /// Returns whether a connection is usable as soon as it is established, without a tunnel or TLS.
    func isPlain(_ key: EndpointKey) -> Bool { !key.isSecure && configuration.proxy == nil }

    /// Adds a connection's handlers in order: tunnel, TLS, HTTP.
    func addHandlers(to channel: any Channel, for key: EndpointKey, _ connection: HTTPConnection) throws {
        let pipeline = channel.pipeline.syncOperations
        if let proxy = configuration.proxy {
            // A certificate for an address is verified against the remote address, which is the proxy's.
            guard !key.isSecure || IPAddress(key.host) == nil else {
                throw TransportError(.proxy, "An address cannot be verified through a proxy; use a URL with a name")
            }
            let tls = key.isSecure ? try tlsHandler(for: key) : nil
            try pipeline.addHandler(ProxyTunnelHandler(to: key, through: proxy, tls: tls))
        } else if key.isSecure {
            try pipeline.addHandler(tlsHandler(for: key))
        }
        try pipeline.addHandler(connection)
    }

    /// Returns a TLS handler that presents and verifies the URL's host; for an address there is no name to present.
    private func tlsHandler(for key: EndpointKey) throws -> NIOSSLClientHandler {
        return try NIOSSLClientHandler(
            context: tls.context(), serverHostname: IPAddress(key.host) == nil ? key.host : nil)
    }
}
#endif
