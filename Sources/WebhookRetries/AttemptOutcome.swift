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
    public var isSuccess: Bool { kind == .success }

    /// The HTTP status, if there was a response.
    public var statusCode: Int? {
        if case .response(let status, _) = self { status } else { nil }
    }

    /// What went wrong, as the API, the logs and the documentation name it: a failure's name, `redirect`, or the status;
    /// `nil` for a success.
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

    /// What the outcome means.
    public var kind: OutcomeKind {
        switch self {
        case .response(let status, _): OutcomeKind(status: status)
        case .failure(let failure): failure.kind
        }
    }
}

/// What an outcome means: what is decided, counted and shown by it.
@nonexhaustive
public enum OutcomeKind: String, Sendable, Hashable, CaseIterable {
    /// 200 to 299: the endpoint has the event.
    case success
    /// 300 to 399, which are never followed: the URL should be changed.
    case redirect
    /// 410: the endpoint says that it is gone for good.
    case gone
    /// 429 or 503: the endpoint asks for time, and its `Retry-After` counts.
    case throttled
    /// Any other status from 400 to 499: the endpoint refuses the request.
    case refused
    /// Any other status from 500 to 599: the endpoint is in trouble.
    case serverError = "server_error"
    /// The host name leads nowhere.
    case dns
    /// There is no connection, or it broke.
    case connection
    /// TLS could not be agreed on.
    case tls
    /// The deadline passed.
    case timeout
    /// The peer does not speak HTTP, or answered with a status that HTTP does not have.
    case invalidResponse = "invalid_response"
    /// The endpoint policy refuses the URL or the address.
    case blocked
    /// The sending side broke the attempt off, or could not begin it.
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

    /// Whether the endpoint's side is the one to be told: its owner can do something about it, and its health counts it.
    public var isEndpointsFault: Bool { self != .success && self != .sender }
}
