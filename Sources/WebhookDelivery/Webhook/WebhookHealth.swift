public import WebhookEvents
internal import WebhookPayload

/// When a webhook that only fails is stopped.
public enum FailurePolicy: Sendable, Hashable {
    /// When a delivery is exhausted and nothing at all arrived since its first attempt: the documented rule, and the default.
    case whenNothingArrives
    /// When any delivery is exhausted.
    case whenAnyDeliveryFails
    /// When every attempt failed for this long.
    case afterFailing(for: Duration)
    /// Never.
    case never
}

/// How the health of webhooks is judged.
public struct HealthPolicy: Sendable, Hashable {
    /// When a webhook is stopped.
    public var failure = FailurePolicy.whenNothingArrives
    /// When requests to a failing endpoint pause.
    public var breaker = BreakerPolicy()
    /// The longest that a `Retry-After` holds back a whole webhook; the delivery that was answered so may wait longer.
    public var longestQuiet = Duration.seconds(3600)

    /// Creates the defaults.
    public init() {}
}

/// How near a failing webhook is to being stopped.
public enum FailureGrade: Int, Sendable, Hashable, Comparable, CaseIterable {
    /// Half of what stops it has happened.
    case half = 50
    /// 70 % of it.
    case most = 70
    /// 90 % of it: the next failure may be the last.
    case last = 90

    /// Whether one grade is further from the end than another.
    public static func < (lhs: FailureGrade, rhs: FailureGrade) -> Bool { lhs.rawValue < rhs.rawValue }

    /// The highest grade that has been reached, or `nil` below the lowest.
    init?(share: Double) {
        guard let grade = Self.allCases.last(where: { share * 100 >= Double($0.rawValue) }) else { return nil }
        self = grade
    }
}

/// What an attempt did to its webhook.
public enum HealthChange: Sendable, Hashable {
    /// It fails, and has come this near to being stopped.
    case failing(FailureGrade)
    /// It accepts events again, after a warning.
    case recovered
    /// It was stopped: too much failed.
    case failed
    /// It was disabled: its endpoint says that it is gone.
    case gone
}

/// How an endpoint has been doing lately: what the engine remembers of a webhook beside its counts.
public struct WebhookHealth: Sendable, Hashable {
    /// When the first attempt failed after which none succeeded.
    public internal(set) var failingSince: Timestamp?
    /// The highest warning that was given since the last success.
    public internal(set) var warned: FailureGrade?
    /// When the webhook was last switched on: what was tried before says nothing about it now.
    public internal(set) var enabledAt: Timestamp?
    /// Until when the endpoint has asked for quiet, by `Retry-After` on 429 or 503.
    public internal(set) var quietUntil: Timestamp?
    /// Whether requests pause.
    public internal(set) var breaker: CircuitBreaker
    /// How fast requests may come.
    public internal(set) var rate: RequestRate

    /// Creates the health of an endpoint of which nothing is known.
    public init() {
        self.breaker = CircuitBreaker()
        self.rate = RequestRate()
    }
}

// The form that stores keep. It has a version, so that a later library can tell what an earlier one wrote.
extension WebhookHealth {
    /// The health as bytes for a store.
    ///
    /// - Returns: JSON, UTF-8.
    public func encoded() -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.write("version", 1)
            json.write("failing_since", failingSince.map { Int($0.microseconds) })
            json.write("warned", warned?.rawValue)
            json.write("enabled_at", enabledAt.map { Int($0.microseconds) })
            if let quietUntil { json.write("quiet_until", Int(quietUntil.microseconds)) }
            json.write("failures", breaker.failures)
            json.write("breaks", breaker.breaks)
            json.write("opens_at", breaker.pausedUntil.map { Int($0.microseconds) })
            json.write("allowance", breaker.allowance)
            json.write("next_request", Int(rate.next.microseconds))
        }
        return json.bytes
    }

    /// Reads what ``encoded()`` wrote.
    ///
    /// Health is a memory of hours, not a promise: what cannot be read counts as unknown, and the engine learns it anew.
    ///
    /// - Parameter bytes: The bytes.
    public init(encoded bytes: [UInt8]) {
        self.init()
        guard let json = try? JSONValue(parsing: bytes), json["version"]?.integer == 1 else { return }
        func moment(_ name: String) -> Timestamp? {
            json[name]?.integer.map { Timestamp(microseconds: Int64($0)) }
        }
        failingSince = moment("failing_since")
        enabledAt = moment("enabled_at")
        quietUntil = moment("quiet_until")
        warned = json["warned"]?.integer.flatMap { FailureGrade(rawValue: Int($0)) }
        breaker = CircuitBreaker(
            failures: json["failures"]?.integer.map { Int($0) } ?? 0,
            breaks: json["breaks"]?.integer.map { Int($0) } ?? 0,
            pausedUntil: moment("opens_at"), allowance: json["allowance"]?.integer.map { Int($0) })
        if let next = moment("next_request") { rate = RequestRate(next: next) }
    }
}
