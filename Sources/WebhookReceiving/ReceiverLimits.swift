internal import WebhookSigning

/// The receiver's limits on the size and age of events, and how long it remembers them.
public struct ReceiverLimits: Sendable, Hashable {
    /// The default maximum age of an event: 7 days.
    ///
    /// The sender's longest preset, `RetryPolicy.threeDays`, ends at most 4 days and 9 hours after the event, with
    /// jitter and with `Retry-After` in every response. The rest covers webhooks that were disabled or waited for their
    /// daily limit.
    public static let defaultMaximumAge = Duration.seconds(7 * 86_400)

    /// The maximum length of a body, in bytes; the default is 10 MiB, a little more than TaskFlow sends.
    public var maximumBodyLength = WebhookVerifier.maximumBodyLength
    /// The maximum age of an event whose proof has no timestamp, measured from the time in its signed body; `nil` for
    /// none.
    ///
    /// `X-TaskFlow-Signature` has no timestamp, so a captured request verifies forever and is rejected only while its
    /// event is remembered. This limit closes that gap: handled events are remembered for at least this long, and older
    /// events are answered with 400 and a text that says what to do. They are neither handled nor reported as handled.
    ///
    /// A request that `webhook-signature` proves was signed within the tolerance, so its event may have any age:
    /// redeliveries and replays of old events are accepted with ``VerificationPolicy/timestamped(tolerance:)`` and
    /// ``VerificationPolicy/either(tolerance:)``. With ``VerificationPolicy/documented``, increase the limit before you
    /// request them.
    public var maximumAge: Duration? = defaultMaximumAge
    /// The lifetimes of claims and handled events.
    public var deduplication = DeduplicationPolicy()

    /// Creates the default limits.
    public init() {}
}
