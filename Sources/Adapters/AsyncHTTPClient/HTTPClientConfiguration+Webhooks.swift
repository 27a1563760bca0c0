#if AsyncHTTPClient
public import AsyncHTTPClient
internal import NIOCore
internal import NIOSSL
internal import WebhookDelivery
public import WebhookLimits
internal import WebhookRetries

extension HTTPClient.Configuration {
    /// Returns a configuration that is as safe for webhooks as the client allows.
    ///
    /// The configuration disables redirects, decompression and repeated connection attempts, requires HTTP/1.1 and
    /// TLS 1.2 or later, and validates the remote address of every connection before a request is written.
    ///
    /// - Parameters:
    ///   - base: The host's other settings, such as trusted certificates or a proxy.
    ///   - policy: The policy that validates remote addresses; it must allow the proxy if there is one.
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
            // The host of the connection is unknown here; the transport has already validated that host's addresses.
            let hosts = [nil] + policy.allowedHosts.map(Optional.some)
            let address = channel.remoteAddress?.ipAddress.flatMap { IPAddress($0) }
            guard let address, hosts.contains(where: { (try? policy.check(address, of: $0)) != nil }) else {
                channel.close(promise: nil)
                let refusal = TransportError(.blockedAddress, "The client connected to an address that is not allowed")
                return channel.eventLoop.makeFailedFuture(refusal)
            }
            return channel.eventLoop.makeSucceededVoidFuture()
        }
        return configuration
    }
}
#endif
