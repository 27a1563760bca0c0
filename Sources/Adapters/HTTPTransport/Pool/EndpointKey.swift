#if HTTPTransport
package import WebhookLimits

/// The key of an endpoint; requests with the same key can share a connection, including the host name verified by TLS.
package struct EndpointKey: Hashable, Sendable {
    let isSecure: Bool
    let host: String
    let port: Int

    package init(_ url: EndpointURL) {
        self.isSecure = url.isSecure
        self.host = url.host
        self.port = url.port
    }

    package init(isSecure: Bool, host: String, port: Int) {
        self.isSecure = isSecure
        self.host = host
        self.port = port
    }
}
#endif
