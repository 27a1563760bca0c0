internal import WebhookEvents
internal import WebhookPayload
internal import WebhookSigning

// The maximum age of an event, and how long it must be remembered. Both use the same limit, so that a captured request
// never verifies after its event was forgotten.
extension WebhookReceiver {
    /// Returns the reply that rejects an event that is too old for a proof without a timestamp, or `nil` to accept it.
    ///
    /// A proof with a timestamp was made within the verifier's tolerance, so its event may have any age: the sender has
    /// just sent it.
    func refusal(ofAge event: VerifiedEvent, now: Timestamp) -> WebhookReply? {
        let sentAt = event.envelope.timestamp
        guard event.proof.signedAt == nil, let maximumAge, now - sentAt > maximumAge else { return nil }
        // Not 200, because the sender must see that the event was not handled; not 410, which disables the webhook.
        return WebhookReply(
            400,
            .refused(
                """
                The event is from \(sentAt), and \(HeaderName.signature) has no timestamp: it may be a replay and was \
                not handled. This receiver accepts events up to \(maximumAge.components.seconds) s old. To accept it, \
                verify \(HeaderName.standardSignature) (VerificationPolicy.either or .timestamped), or increase \
                ReceiverLimits.maximumAge.
                """))
    }

    /// Returns the time until which a handled event is remembered.
    ///
    /// The age counts from the event's timestamp, so an event from a clock that is ahead verifies for longer.
    func keepUntil(_ sentAt: Timestamp, now: Timestamp) -> Timestamp {
        let lifetime = limits.deduplication.lifetime(tolerance: verifier.tolerance, maximumAge: maximumAge)
        return (maximumAge == nil ? now : max(now, sentAt)) + lifetime
    }

    /// The maximum age if the verifier accepts proofs without a timestamp; otherwise `nil`.
    private var maximumAge: Duration? { verifier.acceptsUntimestampedProofs ? limits.maximumAge : nil }
}
