public import WebhookEvents
public import WebhookLimits
public import WebhookPayload
public import WebhookRetries

/// Sends HTTP requests: the included HTTP transport, or an adapter for the host's client.
///
/// A transport must:
/// - send a `POST` request with the given headers, a `Content-Length` and the body's bytes unchanged;
/// - finish within the request's timeout, which covers everything from name resolution to the complete response head;
/// - return the status of a complete response head, even if reading the body fails, and never return any other status;
/// - never follow redirects, never decompress, and use no proxy unless it is configured to;
/// - limit how much it reads of the head, of the body, and of informational responses before them;
/// - connect only to an address that ``policy`` allows for the host, and only to the address that it checked;
/// - verify the certificate, including that it matches the URL's host.
///
/// `TransportConformance` in `WebhookTesting` tests these requirements.
public protocol WebhookTransport: Sendable {
    /// The endpoints that the transport connects to.
    ///
    /// The service validates URLs with the same policy.
    var policy: EndpointPolicy { get }

    /// Sends one request and waits for the response.
    ///
    /// Many tasks may call this method concurrently.
    ///
    /// - Parameter request: The request.
    /// - Returns: The response, whatever its status.
    /// - Throws: ``TransportError`` if there was no complete response head; any other error counts as
    ///   `TransportFailure.unknown`.
    func send(_ request: WebhookRequest) async throws -> WebhookResponse
}

/// A signed request to an endpoint.
public struct WebhookRequest: Sendable, Hashable {
    /// The URL to send the request to.
    public let url: EndpointURL
    /// The header fields, without `Host` and `Content-Length`.
    public let headers: HeaderFields
    /// The body, exactly as signed.
    public let body: [UInt8]
    /// The timeout for the whole request, up to the complete response head.
    public let timeout: Duration
    /// The account that the request is sent for; a transport divides its connections and lookups among accounts.
    public let accountID: AccountID?

    /// Creates a request.
    ///
    /// - Parameters:
    ///   - url: The URL to send the request to.
    ///   - headers: The header fields, without `Host` and `Content-Length`.
    ///   - body: The body, exactly as signed.
    ///   - timeout: The timeout for the whole request, up to the complete response head.
    ///   - accountID: The account that the request is sent for; all requests without one share as a single account.
    public init(
        url: EndpointURL, headers: HeaderFields, body: [UInt8], timeout: Duration, accountID: AccountID? = nil
    ) {
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
        self.accountID = accountID
    }
}

/// An endpoint's response.
public struct WebhookResponse: Sendable, Hashable {
    /// The HTTP status.
    public let status: Int
    /// The header fields.
    public let headers: HeaderFields
    /// The beginning of the body, at most ``maximumBodyLength`` bytes.
    public let body: [UInt8]
    /// Whether ``body`` is the whole body: it was not longer, and arrived in time.
    public let isBodyComplete: Bool
    /// The address that was reached, if the transport knows it.
    public let address: IPAddress?
    /// How long each phase took, if the transport measures phases.
    public let timings: WebhookResponse.PhaseTimings?

    /// The most bytes that are read of a response's body: 16 KiB.
    public static let maximumBodyLength = 16_384

    /// Creates a response.
    ///
    /// - Parameters:
    ///   - status: The HTTP status.
    ///   - headers: The header fields.
    ///   - body: The beginning of the body.
    ///   - isBodyComplete: Whether `body` is the whole body.
    ///   - address: The address that was reached.
    ///   - timings: How long each phase took.
    public init(
        status: Int, headers: HeaderFields = [:], body: [UInt8] = [], isBodyComplete: Bool = true,
        address: IPAddress? = nil, timings: WebhookResponse.PhaseTimings? = nil
    ) {
        self.status = status
        self.headers = headers
        self.body = body
        self.isBodyComplete = isBodyComplete
        self.address = address
        self.timings = timings
    }
}

extension WebhookResponse {
    /// The duration of each phase of an attempt; `nil` for a phase that was not reached or not needed.
    public struct PhaseTimings: Sendable, Hashable {
        /// Waiting for a free connection.
        public var waiting: Duration?
        /// Resolving the host name.
        public var lookup: Duration?
        /// Establishing the connection.
        public var connect: Duration?
        /// The TLS handshake.
        public var tls: Duration?
        /// From the first byte of the request to the complete response head.
        public var response: Duration?
        /// Reading the response's body.
        public var body: Duration?

        /// Creates timings without any measurement.
        public init() {}

        /// Whether the request reused an open connection.
        public var isConnectionReused: Bool { connect == nil && response != nil }
    }
}

/// The reason why there is no response to a request.
public struct TransportError: WebhookError, Hashable {
    /// The kind of failure.
    public let failure: TransportFailure
    /// A message for operators; it contains neither secrets nor the body.
    public let message: String
    /// How long each phase took up to the failure, if the transport measures phases.
    public var timings: WebhookResponse.PhaseTimings?
    /// The address that was reached, if a connection was made.
    public var address: IPAddress?

    /// Creates an error.
    ///
    /// - Parameters:
    ///   - failure: The kind of failure.
    ///   - message: A message for operators.
    ///   - timings: How long each phase took up to the failure.
    ///   - address: The address that was reached.
    public init(
        _ failure: TransportFailure, _ message: String, timings: WebhookResponse.PhaseTimings? = nil,
        address: IPAddress? = nil
    ) {
        self.failure = failure
        self.message = message
        self.timings = timings
        self.address = address
    }

    /// The kind of failure.
    public var code: TransportFailure { failure }
    /// What to do about it.
    public var hint: String { failure.hint }
}
