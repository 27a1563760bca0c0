/// Why there was no response.
///
/// The names are those of the API, the logs and the documentation.
@nonexhaustive
public enum TransportFailure: String, Sendable, Hashable, Codable, CaseIterable {
    /// The host name has no address.
    case dnsFailure = "dns_failure"
    /// The deadline passed while looking the host name up.
    case dnsTimeout = "timeout_dns"
    /// The policy refuses the URL, or an address that its host name stands for.
    case blockedAddress = "blocked_address"
    /// Nothing listens at the address, or the host cannot be reached.
    case connectionRefused = "connection_refused"
    /// The deadline passed while connecting.
    case connectTimeout = "timeout_connect"
    /// TLS could not be agreed on.
    case tlsHandshake = "tls_handshake"
    /// The deadline passed in the TLS handshake.
    case tlsTimeout = "timeout_tls"
    /// Nobody who is trusted vouches for the certificate.
    case tlsUntrusted = "tls_untrusted"
    /// The certificate's time is over, or has not come.
    case tlsCertificateExpired = "tls_certificate_expired"
    /// The certificate is for another name.
    case tlsHostnameMismatch = "tls_hostname_mismatch"
    /// The deadline passed while the request was being written.
    case requestTimeout = "timeout_request"
    /// The deadline passed while waiting for a complete response head.
    case responseTimeout = "timeout_response"
    /// The connection broke before a complete response head.
    case connectionReset = "connection_reset"
    /// The peer does not speak HTTP/1.1, or sent a larger head than any honest server does.
    case invalidResponse = "invalid_response"
    /// The sending side broke the attempt off.
    case cancelled = "cancelled"
    /// The sending side had no connection or socket to spare in time.
    case saturated = "transport_saturated"
    /// The sending side's name resolver cannot be used, or had no place for another look-up in time.
    case resolverUnavailable = "resolver_unavailable"
    /// The sending side has no route to the address, or may not connect to it.
    case noRoute = "no_route"
    /// The sending side has no certificates that it trusts.
    case noTrustStore = "no_trust_store"
    /// The sending side's own proxy did not connect.
    case proxy = "proxy_error"
    /// The request has a target or a header field that must not be sent.
    case invalidRequest = "invalid_request"
    /// The host's transport threw an error that the library does not know, or cannot be used as it is configured.
    case unknown = "transport_error"

    /// What the failure means.
    public var kind: OutcomeKind {
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

    /// Whether the sending side could not begin the attempt for lack of its own resources.
    ///
    /// The delivery is then given back and sent a little later: it costs no attempt and says nothing about the endpoint.
    public var isSendersAlone: Bool {
        switch self {
        case .cancelled, .saturated, .resolverUnavailable, .noRoute, .noTrustStore: true
        default: false
        }
    }
}
