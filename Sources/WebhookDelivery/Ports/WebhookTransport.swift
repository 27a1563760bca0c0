public import WebhookLimits
public import WebhookPayload
public import WebhookRetries

/// What sends requests: the ready-made HTTP transport, or the host's own client.
///
/// A transport must
/// - send the body's bytes as they are, with the given headers and `Content-Length`, by `POST`;
/// - end within the request's timeout, which spans everything from the name look-up to the complete response head;
/// - never follow a redirect, and never answer from anything but the response;
/// - connect only to an address that ``policy`` allows, and to no other than the one it asked about.
public protocol WebhookTransport: Sendable {
    /// Which endpoints it connects to. The service judges URLs by the same policy, so the two cannot differ.
    var policy: EndpointPolicy { get }

    /// Sends one request and waits for the response. May be called from many tasks at once.
    ///
    /// - Parameter request: The request.
    /// - Returns: The response, whatever its status.
    /// - Throws: ``TransportError`` when there was no complete response head; anything else counts as
    ///   `TransportFailure.unknown`.
    func send(_ request: WebhookRequest) async throws -> WebhookResponse
}

/// One request to an endpoint, signed and ready.
public struct WebhookRequest: Sendable, Hashable {
    /// Where it goes.
    public let url: EndpointURL
    /// The header fields, without `Host` and `Content-Length`.
    public let headers: HeaderFields
    /// The body, exactly as signed.
    public let body: [UInt8]
    /// How long everything may take.
    public let timeout: Duration

    /// Creates a request.
    ///
    /// - Parameters:
    ///   - url: Where it goes.
    ///   - headers: The header fields, without `Host` and `Content-Length`.
    ///   - body: The body, exactly as signed.
    ///   - timeout: How long everything may take.
    public init(url: EndpointURL, headers: HeaderFields, body: [UInt8], timeout: Duration) {
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
    }
}

/// What an endpoint answered.
public struct WebhookResponse: Sendable, Hashable {
    /// The HTTP status.
    public let status: Int
    /// The header fields.
    public let headers: HeaderFields
    /// The beginning of the body, at most ``maximumBodyLength`` bytes.
    public let body: [UInt8]

    /// How much of a response's body is read: 16 KiB.
    public static let maximumBodyLength = 16_384

    /// Creates a response.
    ///
    /// - Parameters:
    ///   - status: The HTTP status.
    ///   - headers: The header fields.
    ///   - body: The beginning of the body.
    public init(status: Int, headers: HeaderFields = [:], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// Why a transport has no response.
public struct TransportError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of failure it is.
    public let failure: TransportFailure
    /// What happened, for operators; it holds no secret and no body.
    public let message: String

    /// Creates an error.
    ///
    /// - Parameters:
    ///   - failure: What kind of failure it is.
    ///   - message: What happened, for operators.
    public init(_ failure: TransportFailure, _ message: String) {
        self.failure = failure
        self.message = message
    }

    /// The failure with its message.
    public var description: String { "\(message) (\(failure.rawValue))" }
}
