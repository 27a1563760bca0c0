/// How long claims hold and handled events are remembered.
///
/// An event must be remembered for as long as it can come again: until the sender's last retry, and until a captured
/// request is too old to verify. A gap between the two would be open to replays.
public struct DeduplicationPolicy: Sendable, Hashable {
    /// The longest that the documented retries of one delivery can last: just under 31 h.
    ///
    /// Five waits, of which four can be lengthened to 6 h by `Retry-After` and the last is 6 h and up to 10 % more, and six
    /// attempts of at most 30 s. Without `Retry-After` it is just under 8 h.
    public static let documentedRetrySpan = Duration.seconds(110_340)
    /// The shortest lifetime that is worked out: a day, for redeliveries by hand.
    public static let minimumLifetime = Duration.seconds(86_400)

    /// How long a claim holds without a commit: longer than any handler takes.
    public var lease: Duration
    /// How long the sender's retries of one delivery last.
    public var retrySpan: Duration

    /// Creates a policy.
    ///
    /// - Parameters:
    ///   - lease: How long a claim holds without a commit.
    ///   - retrySpan: How long the sender's retries of one delivery last.
    public init(lease: Duration = .seconds(300), retrySpan: Duration = documentedRetrySpan) {
        self.lease = lease
        self.retrySpan = retrySpan
    }

    /// How long a handled event is remembered.
    ///
    /// - Parameters:
    ///   - tolerance: How far a signed time may lie from now, both ways; a request signed in the future verifies for
    ///     twice as long.
    ///   - maximumAge: How old an event may be at most, where that is limited.
    /// - Returns: The lifetime.
    public func lifetime(tolerance: Duration, maximumAge: Duration? = nil) -> Duration {
        max(Self.minimumLifetime, retrySpan + lease, tolerance * 2 + lease, (maximumAge ?? .zero) + lease)
    }
}
