internal import WebhookSigning

/// How large and how old an event may be, and how long it is remembered.
public struct ReceiverLimits: Sendable, Hashable {
    /// The largest body that is accepted, in bytes: 10 MiB, a little more than TaskFlow sends.
    public var maximumBodyLength = WebhookVerifier.maximumBodyLength
    /// How old an event may be at most, by the time in its signed body; `nil` for no limit.
    ///
    /// It closes what `X-TaskFlow-Signature` leaves open: that signature holds no time, so a captured request verifies for
    /// ever, and is only stopped while the event is remembered. Events wait at the sender when a webhook is switched off
    /// or over its daily limit, so leave them several days.
    public var maximumAge: Duration?
    /// How long claims hold and handled events are remembered.
    public var deduplication = DeduplicationPolicy()

    /// Creates the defaults.
    public init() {}
}
