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
    /// The delivery, from a header that is not signed: for logs only.
    public let deliveryID: String?
    /// The attempt's number, from a header that is not signed: for logs only.
    public let attempt: Int?
    /// Whether it is a test event, from a header that is not signed.
    public let isTest: Bool

    init(envelope: Envelope, proof: VerificationProof, headers: HeaderFields) {
        self.envelope = envelope
        self.proof = proof
        self.deliveryID = headers[HeaderName.deliveryID]
        self.attempt = headers[HeaderName.deliveryAttempt].flatMap { Int($0) }
        self.isTest = headers[HeaderName.test] == "true"
    }

    /// Names the event.
    public var id: EventID { envelope.id }
    /// The account that it belongs to.
    public var account: AccountID { envelope.metadata.accountID }
}
