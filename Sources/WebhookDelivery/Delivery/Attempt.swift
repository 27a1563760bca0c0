public import WebhookEvents

/// One request to an endpoint, as it is remembered.
public struct Attempt: Sendable, Hashable {
    /// Counts the delivery's attempts from 1.
    public let number: Int
    /// When the request began.
    public let startedAt: Timestamp
    /// How long it took.
    public let duration: Duration
    /// The HTTP status, if there was a response.
    public let statusCode: Int?
    /// What went wrong, by the name that ``AttemptOutcome/errorType`` gives it; `nil` for a success.
    public let errorType: String?
    /// How long each phase took, if the transport measures it.
    public let timings: PhaseTimings?

    /// Creates a record.
    ///
    /// - Parameters:
    ///   - number: Counts the delivery's attempts from 1.
    ///   - startedAt: When the request began.
    ///   - duration: How long it took.
    ///   - statusCode: The HTTP status, if there was a response.
    ///   - errorType: What went wrong.
    ///   - timings: How long each phase took.
    public init(
        number: Int, startedAt: Timestamp, duration: Duration, statusCode: Int?, errorType: String?,
        timings: PhaseTimings? = nil
    ) {
        self.number = number
        self.startedAt = startedAt
        self.duration = duration
        self.statusCode = statusCode
        self.errorType = errorType
        self.timings = timings
    }
}

/// A delivery with its attempts.
public struct DeliveryHistory: Sendable, Hashable {
    /// The delivery.
    public let delivery: Delivery
    /// Its attempts, in order.
    public let attempts: [Attempt]

    /// Creates a history.
    ///
    /// - Parameters:
    ///   - delivery: The delivery.
    ///   - attempts: Its attempts, in order.
    public init(delivery: Delivery, attempts: [Attempt]) {
        self.delivery = delivery
        self.attempts = attempts
    }
}

// The form that stores keep: a version, then microseconds, with `-` for a phase that was not reached.
extension PhaseTimings {
    private static var phases: [WritableKeyPath<PhaseTimings, Duration?>] {
        [\.waiting, \.lookup, \.connect, \.tls, \.response, \.body]
    }

    /// The timings as text for a store.
    public var encoded: String {
        "1 " + Self.phases.map { self[keyPath: $0].map { String($0.wholeMicroseconds) } ?? "-" }.joined(separator: " ")
    }

    /// Reads what ``encoded`` wrote.
    ///
    /// - Parameter text: The text; `nil` is the result when it is something else.
    public init?(encoded text: String) {
        let parts = text.split(separator: " ")
        let phases = Self.phases
        guard parts.first == "1", parts.count == phases.count + 1 else { return nil }
        self.init()
        for (phase, part) in zip(phases, parts.dropFirst()) where part != "-" {
            guard let microseconds = Int64(part) else { return nil }
            self[keyPath: phase] = .microseconds(microseconds)
        }
    }
}
