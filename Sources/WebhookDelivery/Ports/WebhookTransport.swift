public import WebhookEvents
public import WebhookLimits
public import WebhookPayload
public import WebhookRetries

/// What sends requests: the ready-made HTTP transport, or the host's own client.
///
/// A transport must
/// - send the body's bytes as they are, with the given headers and `Content-Length`, by `POST`;
/// - end within the request's timeout, which spans everything from the name look-up to the complete response head;
/// - answer with the status of a complete response head, whatever happens to the body after it, and with nothing else;
/// - never follow a redirect, decompress nothing, and use no proxy that it was not told to;
/// - bound what it reads: of the head, of the body, and of informational responses before them;
/// - connect only to an address that ``policy`` allows for the host, and to no other than the one it asked about;
/// - verify the certificate and that it is for the URL's host.
///
/// `TransportConformance` of `WebhookTesting` shows whether one does.
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
    /// The account on whose behalf it is sent; a transport shares its connections and look-ups out by it.
    public let account: AccountID?

    /// Creates a request.
    ///
    /// - Parameters:
    ///   - url: Where it goes.
    ///   - headers: The header fields, without `Host` and `Content-Length`.
    ///   - body: The body, exactly as signed.
    ///   - timeout: How long everything may take.
    ///   - account: The account on whose behalf it is sent; requests without one share as if they were one account's.
    public init(
        url: EndpointURL, headers: HeaderFields, body: [UInt8], timeout: Duration, account: AccountID? = nil
    ) {
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
        self.account = account
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
    /// How long each phase took, if the transport measures it.
    public let timings: PhaseTimings?

    /// How much of a response's body is read: 16 KiB.
    public static let maximumBodyLength = 16_384

    /// Creates a response.
    ///
    /// - Parameters:
    ///   - status: The HTTP status.
    ///   - headers: The header fields.
    ///   - body: The beginning of the body.
    ///   - timings: How long each phase took.
    public init(status: Int, headers: HeaderFields = [:], body: [UInt8] = [], timings: PhaseTimings? = nil) {
        self.status = status
        self.headers = headers
        self.body = body
        self.timings = timings
    }
}

/// How long each phase of an attempt took; `nil` for a phase that was not reached or not needed.
public struct PhaseTimings: Sendable, Hashable {
    /// Waiting for the transport to have a connection to spare.
    public var waiting: Duration?
    /// Looking the host name up.
    public var lookup: Duration?
    /// Connecting.
    public var connect: Duration?
    /// The TLS handshake.
    public var tls: Duration?
    /// From the first byte of the request to a complete response head.
    public var response: Duration?
    /// Reading the response's body.
    public var body: Duration?

    /// Creates timings of which nothing is known yet.
    public init() {}

    /// Whether a kept connection was used.
    public var isConnectionReused: Bool { connect == nil && response != nil }
}

/// Why a transport has no response.
public struct TransportError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of failure it is.
    public let failure: TransportFailure
    /// What happened, for operators; it holds no secret and no body.
    public let message: String
    /// How long each phase took up to the failure, if the transport measures it.
    public var timings: PhaseTimings?

    /// Creates an error.
    ///
    /// - Parameters:
    ///   - failure: What kind of failure it is.
    ///   - message: What happened, for operators.
    ///   - timings: How long each phase took up to the failure.
    public init(_ failure: TransportFailure, _ message: String, timings: PhaseTimings? = nil) {
        self.failure = failure
        self.message = message
        self.timings = timings
    }

    /// The failure with its message.
    public var description: String { "\(message) (\(failure.rawValue))" }
}
