public import WebhookEvents
internal import WebhookPayload

extension Webhook {
    /// How close a failing webhook is to being stopped.
    public enum FailureGrade: Int, Sendable, Hashable, Comparable, CaseIterable {
        /// At least 50 % of the way to being stopped.
        case half = 50
        /// At least 70 % of the way.
        case most = 70
        /// At least 90 % of the way; the next failure may stop the webhook.
        case last = 90

        /// Returns whether one grade is further from the stop than another.
        public static func < (lhs: Webhook.FailureGrade, rhs: Webhook.FailureGrade) -> Bool {
            lhs.rawValue < rhs.rawValue
        }

        /// Creates the highest grade that is reached; `nil` below the lowest.
        init?(share: Double) {
            guard let grade = Self.allCases.last(where: { share * 100 >= Double($0.rawValue) }) else { return nil }
            self = grade
        }
    }
}

extension Webhook {
    /// A change of a webhook's health after an attempt.
    public enum HealthChange: Sendable, Hashable {
        /// Deliveries fail, and the webhook is this close to being stopped.
        case failing(Webhook.FailureGrade)
        /// The endpoint accepts events again after a warning.
        case recovered
        /// The webhook was stopped after too many failures.
        case failed
        /// The webhook was disabled, because its endpoint answered 410.
        case gone
        /// The webhook was disabled, because its endpoint asked for it: see ``Webhook/allowsSteering``.
        case disabledByEndpoint
    }
}

extension Webhook {
    /// The recent health of an endpoint: what the engine remembers of a webhook in addition to its counts.
    public struct Health: Sendable, Hashable {
        /// When the current series of failures began.
        public internal(set) var failingSince: Timestamp?
        /// The highest warning since the last success.
        public internal(set) var warned: Webhook.FailureGrade?
        /// When the webhook was last enabled; earlier attempts say nothing about its current health.
        public internal(set) var enabledAt: Timestamp?
        /// Until when the endpoint asked for no requests, with `Retry-After` in a 429 or 503 response.
        public internal(set) var backOffUntil: Timestamp?
        /// The circuit breaker.
        public internal(set) var breaker: Webhook.CircuitBreaker
        /// The rate limiter.
        public internal(set) var rate: Webhook.RequestRate

        /// Creates the health of an endpoint without any data.
        public init() {
            self.breaker = Webhook.CircuitBreaker()
            self.rate = Webhook.RequestRate()
        }
    }
}

// The stored form. It has a version, so that later versions of the library can read it.
extension Webhook.Health: StoredForm {
    /// The health as UTF-8 JSON for a store; empty when there is nothing to remember.
    public var stored: [UInt8] {
        guard self != Webhook.Health() else { return [] }
        var json = JSONWriter()
        json.object { json in
            json.write("version", 1)
            json.write("failing_since", failingSince.map { Int($0.microseconds) })
            json.write("warned", warned?.rawValue)
            json.write("enabled_at", enabledAt.map { Int($0.microseconds) })
            if let backOffUntil { json.write("back_off_until", Int(backOffUntil.microseconds)) }
            json.write("failures", breaker.failures)
            json.write("breaks", breaker.breaks)
            json.write("opens_at", breaker.pausedUntil.map { Int($0.microseconds) })
            json.write("allowance", breaker.allowance)
            json.write("next_request", Int(rate.next.microseconds))
        }
        return json.bytes
    }

    /// Decodes health from ``stored``.
    ///
    /// Health covers hours and is no guarantee: unreadable values count as unknown, and the engine collects new ones.
    ///
    /// - Parameter bytes: The bytes.
    public init(stored bytes: [UInt8]) {
        self.init()
        guard let json = try? JSONValue(parsing: bytes), json["version"]?.integer == 1 else { return }
        func moment(_ name: String) -> Timestamp? {
            json[name]?.integer.map { Timestamp(microseconds: Int64($0)) }
        }
        failingSince = moment("failing_since")
        enabledAt = moment("enabled_at")
        backOffUntil = moment("back_off_until")
        warned = json["warned"]?.integer.flatMap { Webhook.FailureGrade(rawValue: Int($0)) }
        breaker = Webhook.CircuitBreaker(
            failures: json["failures"]?.integer.map { Int($0) } ?? 0,
            breaks: json["breaks"]?.integer.map { Int($0) } ?? 0,
            pausedUntil: moment("opens_at"), allowance: json["allowance"]?.integer.map { Int($0) })
        if let next = moment("next_request") { rate = Webhook.RequestRate(next: next) }
    }
}
