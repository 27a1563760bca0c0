#if AsyncHTTPClient
public import AsyncHTTPClient
internal import NIOCore
internal import NIOSSL
internal import WebhookDelivery
public import WebhookLimits
internal import WebhookRetries

extension HTTPClient.Configuration {
    /// Makes a configuration as safe for webhooks as the client allows: no redirects, no decompression, HTTP/1.1 and TLS 1.2 or
    /// later, no connection attempts beyond the first, and every connection's peer judged before a request is written.
    ///
    /// - Parameters:
    ///   - base: What else the host wants, such as trusted certificates or a proxy.
    ///   - policy: Which endpoints may be connected to; with a proxy, the proxy must be among them.
    /// - Returns: The configuration.
    public static func webhooks(_ base: HTTPClient.Configuration = .init(), policy: EndpointPolicy) -> Self {
        var configuration = base
        configuration.redirectConfiguration = .disallow
        configuration.decompression = .disabled
        configuration.httpVersion = .http1Only
        configuration.connectionPool.retryConnectionEstablishment = false
        var tls = configuration.tlsConfiguration ?? .makeClientConfiguration()
        if [.tlsv1, .tlsv11].contains(tls.minimumTLSVersion) { tls.minimumTLSVersion = .tlsv12 }
        configuration.tlsConfiguration = tls
        configuration.http1_1ConnectionDebugInitializer = { channel in
            // Whose connection it is, is not known here; the transport has judged that host's addresses before.
            let hosts = [nil] + policy.allowedHosts.map(Optional.some)
            let address = channel.remoteAddress?.ipAddress.flatMap { IPAddress($0) }
            guard let address, hosts.contains(where: { (try? policy.check(address, of: $0)) != nil }) else {
                channel.close(promise: nil)
                let refusal = TransportError(.blockedAddress, "The connection led to an address that is not allowed")
                return channel.eventLoop.makeFailedFuture(refusal)
            }
            return channel.eventLoop.makeSucceededVoidFuture()
        }
        return configuration
    }
}
#endif
