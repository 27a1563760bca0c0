extension HealthPolicy {
    /// When a failing webhook is stopped.
    public enum FailurePolicy: Sendable, Hashable {
        /// When a delivery is exhausted and none has succeeded since its first attempt; the documented default.
        case whenNothingArrives
        /// When any delivery is exhausted.
        case whenAnyDeliveryFails
        /// When every attempt has failed for this long.
        case afterFailing(for: Duration)
        /// Never.
        case never
    }
}

/// The health policy of webhooks.
public struct HealthPolicy: Sendable, Hashable {
    /// When a webhook is stopped.
    public var failure = HealthPolicy.FailurePolicy.whenNothingArrives
    /// When requests to a failing endpoint pause.
    public var breaker = HealthPolicy.BreakerPolicy()
    /// The longest that a `Retry-After` pauses a whole webhook; the delivery that received it may wait longer.
    public var maximumBackOff = Duration.seconds(3600)

    /// Creates a policy with default values.
    public init() {}
}
