internal import WebhookEvents
internal import WebhookPayload
internal import WebhookSigning

// How old an event may be, and for how long it has to be remembered therefore. Both use the same limit, so that no moment is
// left at which a captured request verifies and its event is forgotten.
extension WebhookReceiver {
    /// Refuses an event that is too old for a proof that holds no time; `nil` for every other.
    ///
    /// A proof that holds a time was made within the verifier's tolerance, so its event may have any age: the sender has just
    /// sent it again.
    func refusal(ofAge event: VerifiedEvent, now: Timestamp) -> WebhookReply? {
        let sentAt = event.envelope.timestamp
        guard event.proof.signedAt == nil, let maximumAge, now - sentAt > maximumAge else { return nil }
        // 400 and not 200: the sender must see that the event was not handled. Not 410, which switches the webhook off.
        return WebhookReply(
            400,
            .refused(
                """
                The event is from \(sentAt), and \(HeaderName.signature) holds no time: it may be a replay and was not \
                handled. This receiver accepts events up to \(maximumAge.components.seconds) s old. To accept it, \
                verify \(HeaderName.standardSignature) (VerificationPolicy.either or .timestamped), or raise \
                ReceiverLimits.maximumAge.
                """))
    }

    /// Until when a handled event is remembered.
    ///
    /// The age counts from the event's own time, so an event of a clock that is ahead verifies for longer.
    func keepUntil(_ sentAt: Timestamp, now: Timestamp) -> Timestamp {
        let lifetime = limits.deduplication.lifetime(tolerance: verifier.tolerance, maximumAge: maximumAge)
        return (maximumAge == nil ? now : max(now, sentAt)) + lifetime
    }

    /// The limit, where a proof without a time can be accepted at all.
    private var maximumAge: Duration? { verifier.acceptsUntimedProofs ? limits.maximumAge : nil }
}
