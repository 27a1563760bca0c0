/// The reason why an attempt got no response.
///
/// The API, the logs and the documentation use the raw values.
@nonexhaustive
public enum TransportFailure: String, Sendable, Hashable, Codable, CaseIterable {
    /// The host name has no address.
    case dnsFailure = "dns_failure"
    /// The deadline passed while resolving the host name.
    case dnsTimeout = "timeout_dns"
    /// The endpoint policy rejected the URL, or an address of its host name.
    case blockedAddress = "blocked_address"
    /// No process listens at the address, or the host is unreachable.
    case connectionRefused = "connection_refused"
    /// The deadline passed while connecting.
    case connectTimeout = "timeout_connect"
    /// The TLS handshake failed.
    case tlsHandshake = "tls_handshake"
    /// The deadline passed during the TLS handshake.
    case tlsTimeout = "timeout_tls"
    /// The certificate is not issued by a trusted authority.
    case tlsUntrusted = "tls_untrusted"
    /// The certificate has expired, or is not yet valid.
    case tlsCertificateExpired = "tls_certificate_expired"
    /// The certificate is for another host name.
    case tlsHostnameMismatch = "tls_hostname_mismatch"
    /// The deadline passed while writing the request.
    case requestTimeout = "timeout_request"
    /// The deadline passed while waiting for a complete response head.
    case responseTimeout = "timeout_response"
    /// The connection broke before a complete response head arrived.
    case connectionReset = "connection_reset"
    /// The endpoint does not speak HTTP/1.1, or its response head is larger than that of any honest server.
    case invalidResponse = "invalid_response"
    /// The sender cancelled the attempt.
    case cancelled = "cancelled"
    /// The sender had no free connection or socket in time.
    case saturated = "transport_saturated"
    /// The sender's name resolver is unavailable, or had no capacity for another query in time.
    case resolverUnavailable = "resolver_unavailable"
    /// The sender has no route to the address, or no permission to connect to it.
    case noRoute = "no_route"
    /// The sender has no trusted certificates.
    case noTrustStore = "no_trust_store"
    /// The sender's proxy did not connect.
    case proxy = "proxy_error"
    /// The request has a target or a header field that must not be sent.
    case invalidRequest = "invalid_request"
    /// The host's transport threw an unknown error, or its configuration is unusable.
    case unknown = "transport_error"

    /// The kind of the failure.
    public var kind: AttemptOutcome.Kind {
        switch self {
        case .dnsFailure: .dns
        case .connectionRefused, .connectionReset: .connection
        case .tlsHandshake, .tlsUntrusted, .tlsCertificateExpired, .tlsHostnameMismatch: .tls
        case .dnsTimeout, .connectTimeout, .tlsTimeout, .requestTimeout, .responseTimeout: .timeout
        case .invalidResponse: .invalidResponse
        case .blockedAddress: .blocked
        case .cancelled, .saturated, .resolverUnavailable, .noRoute, .noTrustStore, .proxy, .invalidRequest, .unknown:
            .sender
        }
    }

    /// Whether the sender could not begin the attempt because it lacked resources.
    ///
    /// The delivery is then released and sent a little later. This costs no attempt and says nothing about the
    /// endpoint.
    public var isSenderFault: Bool {
        switch self {
        case .cancelled, .saturated, .resolverUnavailable, .noRoute, .noTrustStore: true
        default: false
        }
    }
}
