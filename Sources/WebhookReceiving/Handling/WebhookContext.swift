public import WebhookEvents
public import WebhookPayload
public import WebhookSigning

/// The context of an event that is passed to its handlers.
///
/// Everything comes from the signed body, except the proof, the claim and the properties documented as unsigned.
public struct WebhookContext: Sendable {
    /// The event's envelope.
    public let envelope: Envelope
    /// The proof that the request is genuine.
    public let proof: VerifiedPayload.Proof
    /// The claim of the event, for a store that commits it in the same transaction as the handler's work.
    ///
    /// Commit it only in the last handler of an event: a failure after the commit is not retried.
    public let claim: DeduplicationClaim
    /// The time until which the handled event must be remembered.
    public let keepUntil: Timestamp
    /// The delivery's identifier, from an unsigned header; use it only for logs.
    public let deliveryID: String?
    /// The attempt's number, from an unsigned header; use it only for logs.
    public let attempt: Int?
    /// Whether this is a test event, from an unsigned header.
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

    /// The event's identifier.
    public var id: EventID { envelope.id }
    /// The account that the event belongs to.
    public var accountID: AccountID { envelope.metadata.accountID }

    /// The event's position in the order of its resource; `nil` for an event without an ordering key.
    public var position: ResourcePosition? {
        envelope.metadata.orderingKey.map { key in
            ResourcePosition(
                resource: .init(accountID: accountID, key: key), sequence: envelope.metadata.sequence,
                timestamp: envelope.timestamp)
        }
    }
}
