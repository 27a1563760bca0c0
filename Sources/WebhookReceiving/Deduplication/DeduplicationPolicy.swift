/// The lifetimes of claims and handled events.
///
/// An event must be remembered for as long as it can arrive again: until the sender's last retry, and until a captured
/// request is too old to verify. A shorter lifetime would permit replays.
public struct DeduplicationPolicy: Sendable, Hashable {
    /// The maximum duration of a delivery's documented retries: just under 31 h.
    ///
    /// It consists of five waits and six attempts of at most 30 s. `Retry-After` can extend four of the waits to 6 h;
    /// the last one is 6 h and up to 10 % more. Without `Retry-After` the duration is just under 8 h.
    public static let taskFlowRetrySpan = Duration.seconds(110_340)
    /// The minimum lifetime: one day, for manual redeliveries.
    public static let minimumLifetime = Duration.seconds(86_400)

    /// The time for which a claim is valid without a commit; it must exceed the duration of any handler.
    public var lease: Duration
    /// The maximum duration of the sender's retries of one delivery.
    public var retrySpan: Duration

    /// Creates a policy.
    ///
    /// - Parameters:
    ///   - lease: The time for which a claim is valid without a commit.
    ///   - retrySpan: The maximum duration of the sender's retries of one delivery.
    public init(lease: Duration = .seconds(300), retrySpan: Duration = taskFlowRetrySpan) {
        self.lease = lease
        self.retrySpan = retrySpan
    }

    /// Returns how long a handled event is remembered.
    ///
    /// - Parameters:
    ///   - tolerance: The allowed difference between a signed time and the current time, in both directions; a request
    ///     that was signed in the future verifies for twice as long.
    ///   - maximumAge: The maximum age of an event; `nil` for no limit.
    /// - Returns: The lifetime.
    public func lifetime(tolerance: Duration, maximumAge: Duration? = nil) -> Duration {
        max(Self.minimumLifetime, retrySpan + lease, tolerance * 2 + lease, (maximumAge ?? .zero) + lease)
    }
}
