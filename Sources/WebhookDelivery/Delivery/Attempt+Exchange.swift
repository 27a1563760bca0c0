public import WebhookLimits
public import WebhookPayload

extension Attempt {
    /// What an attempt sent and what the endpoint answered, kept so that the owner of the endpoint can find a fault.
    public struct Exchange: Sendable, Hashable {
        /// The URL that the request was sent to.
        public let url: String
        /// The address that was reached; `nil` if no connection was made, or if the transport does not know it.
        public let address: IPAddress?
        /// The header fields of the request, including its signatures; values of custom fields are ``hiddenValue``.
        public let requestHeaders: HeaderFields
        /// The length of the request's body in bytes.
        public let requestLength: Int
        /// The response, if there was one.
        public let response: Response?

        /// The placeholder for the values of custom header fields, which may be credentials: `(hidden)`.
        public static let hiddenValue = "(hidden)"

        /// Creates a record of an exchange.
        ///
        /// - Parameters:
        ///   - url: The URL that the request was sent to.
        ///   - address: The address that was reached.
        ///   - requestHeaders: The header fields of the request, without the values of custom fields.
        ///   - requestLength: The length of the request's body in bytes.
        ///   - response: The response, if there was one.
        public init(
            url: String, address: IPAddress?, requestHeaders: HeaderFields, requestLength: Int, response: Response?
        ) {
            self.url = url
            self.address = address
            self.requestHeaders = requestHeaders
            self.requestLength = requestLength
            self.response = response
        }
    }
}

extension Attempt.Exchange {
    /// The part of a response that is kept.
    public struct Response: Sendable, Hashable {
        /// The header fields of ``keptHeaders`` that the response had.
        public let headers: HeaderFields
        /// The beginning of the body; `nil` if it was not kept, was removed, or was not asked for.
        public let body: [UInt8]?
        /// How many bytes of the body were kept, including a body that was removed since.
        public let bodyLength: Int
        /// Whether the body that was kept is the whole body.
        public let isBodyComplete: Bool

        /// Creates a record of a response.
        ///
        /// - Parameters:
        ///   - headers: The header fields.
        ///   - body: The beginning of the body.
        ///   - bodyLength: How many bytes of the body were kept; by default the length of `body`.
        ///   - isBodyComplete: Whether the body that was kept is the whole body.
        public init(headers: HeaderFields, body: [UInt8]?, bodyLength: Int? = nil, isBodyComplete: Bool) {
            self.headers = headers
            self.body = body
            self.bodyLength = max(0, bodyLength ?? body?.count ?? 0)
            self.isBodyComplete = isBodyComplete
        }

        /// The names of the header fields that are kept.
        ///
        /// They tell which server answered, what it asks for, and how to find the request in its logs. Fields that may
        /// hold credentials, such as `Set-Cookie`, are not among them.
        public static let keptHeaders = [
            "allow", "cf-mitigated", "cf-ray", "content-encoding", "content-length", "content-type", "date", "location",
            "ratelimit", "ratelimit-limit", "ratelimit-policy", "ratelimit-remaining", "ratelimit-reset", "retry-after",
            "server", "traceparent", "via", "webhook-delivery", "www-authenticate", "x-amz-cf-id", "x-amzn-requestid",
            "x-amzn-trace-id", "x-cache", "x-correlation-id", "x-github-request-id", "x-ratelimit-limit",
            "x-ratelimit-remaining", "x-ratelimit-reset", "x-request-id", "x-served-by", "x-trace-id", "x-vercel-id",
        ]
        /// The most header fields that are kept of a response.
        public static let maximumHeaders = 32
        /// The most bytes that are kept of one header field's value; longer values are cut.
        public static let maximumHeaderLength = 256
    }
}

extension Attempt {
    /// Returns the attempt with other bytes of the response's body.
    ///
    /// - Parameter body: The body, or `nil` to leave it out.
    /// - Returns: The attempt; its record still tells how long the body was.
    public func withResponseBody(_ body: [UInt8]?) -> Attempt {
        guard let exchange, let response = exchange.response else { return self }
        // An empty body that is complete needs no bytes.
        let body = body ?? (response.bodyLength == 0 && response.isBodyComplete ? [] : nil)
        let new = Exchange.Response(
            headers: response.headers, body: body, bodyLength: response.bodyLength,
            isBodyComplete: response.isBodyComplete)
        return Attempt(
            number: number, startedAt: startedAt, duration: duration, statusCode: statusCode, errorType: errorType,
            timings: timings,
            exchange: Exchange(
                url: exchange.url, address: exchange.address, requestHeaders: exchange.requestHeaders,
                requestLength: exchange.requestLength, response: new))
    }
}

extension Attempt.Exchange: CustomStringConvertible, CustomReflectable {
    /// The status of the record; the URL and the body may hold what logs must not.
    public var description: String {
        response.map { "exchange with a response body of \($0.bodyLength) bytes" } ?? "exchange without a response"
    }

    /// A mirror without children, so that `dump` prints no URL, header field or body.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension Attempt.Exchange.Response: CustomStringConvertible, CustomReflectable {
    /// The length of the body; its bytes may hold what logs must not.
    public var description: String { "response with a body of \(bodyLength) bytes" }

    /// A mirror without children, so that `dump` prints no header field or body.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
