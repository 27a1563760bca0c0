public import WebhookEvents

/// The record of one request to an endpoint.
public struct Attempt: Sendable, Hashable {
    /// The number of the attempt; a delivery's first attempt has number 1.
    public let number: Int
    /// When the request started.
    public let startedAt: Timestamp
    /// How long the attempt took.
    public let duration: Duration
    /// When the attempt ended.
    public var endedAt: Timestamp { startedAt + duration }
    /// The HTTP status, if there was a response.
    public let statusCode: Int?
    /// The failure, by its name in ``AttemptOutcome/errorType``; `nil` for a success.
    public let errorType: String?
    /// How long each phase took, if the transport measures phases.
    public let timings: WebhookResponse.PhaseTimings?
    /// What was sent and what the endpoint answered; `nil` if it was not kept: see ``Attempt/Recording``.
    public let exchange: Exchange?

    /// Creates a record.
    ///
    /// - Parameters:
    ///   - number: The number of the attempt; a delivery's first attempt has number 1.
    ///   - startedAt: When the request started.
    ///   - duration: How long the attempt took.
    ///   - statusCode: The HTTP status, if there was a response.
    ///   - errorType: The failure; `nil` for a success.
    ///   - timings: How long each phase took.
    ///   - exchange: What was sent and what the endpoint answered.
    public init(
        number: Int, startedAt: Timestamp, duration: Duration, statusCode: Int?, errorType: String?,
        timings: WebhookResponse.PhaseTimings? = nil, exchange: Exchange? = nil
    ) {
        self.number = number
        self.startedAt = startedAt
        self.duration = duration
        self.statusCode = statusCode
        self.errorType = errorType
        self.timings = timings
        self.exchange = exchange
    }
}

extension Delivery {
    /// A delivery with its attempts.
    public struct History: Sendable, Hashable {
        /// The delivery.
        public let delivery: Delivery
        /// The attempts, in order.
        public let attempts: [Attempt]

        /// Creates a history.
        ///
        /// - Parameters:
        ///   - delivery: The delivery.
        ///   - attempts: The attempts, in order.
        public init(delivery: Delivery, attempts: [Attempt]) {
            self.delivery = delivery
            self.attempts = attempts
        }
    }
}

// The stored form: a version, then microseconds, with `-` for a phase that was not reached.
extension WebhookResponse.PhaseTimings: StoredForm {
    private static var phases: [WritableKeyPath<WebhookResponse.PhaseTimings, Duration?>] {
        [\.waiting, \.lookup, \.connect, \.tls, \.response, \.body]
    }

    /// The timings, encoded as text for a store.
    public var stored: String {
        "1 " + Self.phases.map { self[keyPath: $0].map { String($0.wholeMicroseconds) } ?? "-" }.joined(separator: " ")
    }

    /// Decodes timings from ``stored``.
    ///
    /// - Parameter text: The text.
    /// - Throws: ``DeliveryError`` with code ``DeliveryError/Code/unreadable`` if the text has another form.
    public init(stored text: String) throws(DeliveryError) {
        let parts = text.split(separator: " ")
        let phases = Self.phases
        guard parts.first == "1", parts.count == phases.count + 1 else { throw .unreadableTimings }
        self.init()
        for (phase, part) in zip(phases, parts.dropFirst()) where part != "-" {
            guard let microseconds = Int64(part) else { throw .unreadableTimings }
            self[keyPath: phase] = .microseconds(microseconds)
        }
    }
}

extension DeliveryError {
    fileprivate static var unreadableTimings: DeliveryError {
        DeliveryError(
            .unreadable, "The timings of an attempt cannot be read", hint: "Read them with the version that wrote them."
        )
    }
}
