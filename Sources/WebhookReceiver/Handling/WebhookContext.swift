public import WebhookEvents
public import WebhookPayload
public import WebhookSigning

/// What a handler is told beside the event itself.
///
/// Everything but the proof comes from the signed body.
public struct WebhookContext: Sendable {
    /// The event's envelope.
    public let envelope: Envelope
    /// How the request was proven to be genuine.
    public let proof: VerificationProof
    /// The right to handle the event, for a store that commits it together with the handler's own work.
    ///
    /// Commit it in the last handler of an event only: what fails after the commit is not repeated.
    public let claim: DeduplicationClaim
    /// Until when the event is to be remembered once it is handled.
    public let keepUntil: Timestamp
    /// The delivery, from a header that is not signed: for logs only.
    public let deliveryID: String?
    /// The attempt's number, from a header that is not signed: for logs only.
    public let attempt: Int?
    /// Whether it is a test event, from a header that is not signed.
    public let isTest: Bool

    init(_ event: VerifiedEvent, headers: HeaderFields, claim: DeduplicationClaim, keepUntil: Timestamp) {
        self.envelope = event.envelope
        self.proof = event.proof
        self.claim = claim
        self.keepUntil = keepUntil
        self.deliveryID = headers[HeaderName.deliveryID]
        self.attempt = headers[HeaderName.deliveryAttempt].flatMap { Int($0) }
        self.isTest = headers[HeaderName.test] == "true"
    }

    /// Names the event.
    public var id: EventID { envelope.id }
    /// The account that it belongs to.
    public var account: AccountID { envelope.metadata.accountID }

    /// Where the event stands among those of its resource; `nil` for an event without an ordering key.
    public var position: ResourcePosition? {
        envelope.metadata.orderingKey.map { key in
            ResourcePosition(
                resource: .init(account: account, key: key), sequence: envelope.metadata.sequence,
                timestamp: envelope.timestamp)
        }
    }
}
