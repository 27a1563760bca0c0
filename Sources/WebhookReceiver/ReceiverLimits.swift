internal import WebhookSigning

/// How large and how old an event may be, and how long it is remembered.
public struct ReceiverLimits: Sendable, Hashable {
    /// The standard limit of an event's age: 7 days.
    ///
    /// The longest preset of the sender, `RetryPolicy.threeDays`, ends at most 4 days and 9 hours after the event, with jitter and
    /// with `Retry-After` in every reply. The rest is for webhooks that were switched off or waited for their daily limit.
    public static let standardMaximumAge = Duration.seconds(7 * 86_400)

    /// The largest body that is accepted, in bytes: 10 MiB, a little more than TaskFlow sends.
    public var maximumBodyLength = WebhookVerifier.maximumBodyLength
    /// How old an event may be at most when its proof holds no time, by the time in its signed body; `nil` for no limit.
    ///
    /// It closes what `X-TaskFlow-Signature` leaves open: that signature holds no time, so a captured request verifies for
    /// ever, and is only stopped while the event is remembered. Handled events are remembered for at least this long, and
    /// older ones are answered with 400 and a text that says what to do; they are neither handled nor reported as handled.
    ///
    /// A request that is proven by `webhook-signature` was signed within the tolerance, so it may bring an event of any age:
    /// redeliveries and recoveries of old events go through with ``VerificationPolicy/timestamped(tolerance:)`` and
    /// ``VerificationPolicy/either(tolerance:)``. With ``VerificationPolicy/documented`` raise the limit before you ask for such.
    public var maximumAge: Duration? = standardMaximumAge
    /// How long claims hold and handled events are remembered.
    public var deduplication = DeduplicationPolicy()

    /// Creates the defaults.
    public init() {}
}
