/// How one attempt ended.
@nonexhaustive
public enum AttemptOutcome: Sendable, Hashable {
    /// A complete response head arrived inside the deadline.
    ///
    /// - Parameters:
    ///   - status: The HTTP status.
    ///   - retryAfter: What its `Retry-After` asks for, if it has one that can be read.
    case response(status: Int, retryAfter: Duration?)
    /// There was no complete response head. Nobody knows whether the endpoint acted on the request.
    case failure(TransportFailure)

    /// Whether the attempt delivered the event: exactly 200 to 299.
    public var isSuccess: Bool {
        if case .response(200...299, _) = self { true } else { false }
    }

    /// The HTTP status, if there was a response.
    public var statusCode: Int? {
        if case .response(let status, _) = self { status } else { nil }
    }

    /// What went wrong, as the API, the logs and the documentation name it: a failure's name, `redirect`, or the status;
    /// `nil` for a success.
    public var errorType: String? {
        switch self {
        case .response(200...299, _): nil
        case .response(300...399, _): "redirect"
        case .response(let status, _): String(status)
        case .failure(let failure): failure.rawValue
        }
    }
}

/// Why there was no response.
///
/// The names are those of the API, the logs and the documentation.
@nonexhaustive
public enum TransportFailure: String, Sendable, Hashable, Codable {
    /// The host name has no address.
    case dnsFailure = "dns_failure"
    /// Nobody listens at the address.
    case connectionRefused = "connection_refused"
    /// The connection broke before a complete response head.
    case connectionReset = "connection_reset"
    /// The deadline passed while looking up, connecting or in the TLS handshake.
    case connectTimeout = "timeout_connect"
    /// The deadline passed while waiting for the response head.
    case responseTimeout = "timeout_response"
    /// TLS could not be agreed on, or the certificate does not prove the host's name.
    case tlsHandshake = "tls_handshake"
    /// The policy refuses the address that the host name stands for.
    case blockedAddress = "blocked_address"
    /// The peer does not speak HTTP/1.1, or sent a larger head than any honest server does.
    case invalidResponse = "invalid_response"
    /// The attempt was cancelled by the host.
    case cancelled = "cancelled"
    /// The host's transport threw an error that the library does not know.
    case unknown = "transport_error"
}
