/// The outcome of one attempt.
@nonexhaustive
public enum AttemptOutcome: Sendable, Hashable {
    /// A complete response head arrived before the deadline.
    ///
    /// - Parameters:
    ///   - status: The HTTP status.
    ///   - retryAfter: The wait that the `Retry-After` field requests, if it is present and valid.
    case response(status: Int, retryAfter: Duration?)
    /// No complete response head arrived; the endpoint may or may not have acted on the request.
    case failure(TransportFailure)

    /// Whether the attempt delivered the event, which is exactly a status from 200 to 299.
    public var isSuccess: Bool { kind == .success }

    /// The HTTP status, if there was a response.
    public var statusCode: Int? {
        if case .response(let status, _) = self { status } else { nil }
    }

    /// The error type that the API, the logs and the documentation use, or `nil` for a success.
    ///
    /// It is the raw value of the transport failure, `redirect`, or the status.
    public var errorType: String? {
        switch self {
        case .response(let status, _):
            switch kind {
            case .success: nil
            case .redirect: "redirect"
            default: String(status)
            }
        case .failure(let failure): failure.rawValue
        }
    }

    /// The kind of the outcome.
    public var kind: AttemptOutcome.Kind {
        switch self {
        case .response(let status, _): AttemptOutcome.Kind(status: status)
        case .failure(let failure): failure.kind
        }
    }
}

extension AttemptOutcome {
    /// The kind of an outcome, on which decisions, counts and displays are based.
    @nonexhaustive
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// 200 to 299: the endpoint accepted the event.
        case success
        /// 300 to 399: redirects are never followed; change the URL instead.
        case redirect
        /// 410: the endpoint is permanently gone.
        case gone
        /// 429 or 503: the endpoint requests a pause, and its `Retry-After` applies.
        case throttled
        /// Any other status from 400 to 499: the endpoint rejected the request.
        case refused
        /// Any other status from 500 to 599: the endpoint failed.
        case serverError = "server_error"
        /// The host name could not be resolved.
        case dns
        /// The connection could not be established, or it broke.
        case connection
        /// The TLS handshake failed.
        case tls
        /// The deadline passed.
        case timeout
        /// The endpoint does not speak HTTP, or its status is not an HTTP status.
        case invalidResponse = "invalid_response"
        /// The endpoint policy rejected the URL or the address.
        case blocked
        /// The sender cancelled the attempt, or could not begin it.
        case sender

        init(status: Int) {
            self =
                switch status {
                case 200...299: .success
                case 300...399: .redirect
                case 410: .gone
                case 429, 503: .throttled
                case 400...499: .refused
                case 500...599: .serverError
                default: .invalidResponse
                }
        }

        /// Whether the endpoint is at fault: its owner can fix the problem, and the outcome counts in the webhook's health.
        public var isEndpointFault: Bool { self != .success && self != .sender }
    }
}
