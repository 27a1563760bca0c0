public import WebhookEvents
public import WebhookPayload

/// How a request was proven to come from TaskFlow.
///
/// Only a ``WebhookVerifier`` can make one.
public struct VerificationProof: Sendable, Hashable {
    /// How the proof was made.
    public let scheme: SignatureScheme
    /// Which of the verifier's secrets matched, counting from 0 for the current one.
    public let secretIndex: Int
    /// When the request was signed, where the scheme says so.
    public let signedAt: Timestamp?
    /// The `webhook-id` that was signed, where the scheme says so.
    public let signedID: String?

    init(scheme: SignatureScheme, secretIndex: Int, signedAt: Timestamp? = nil, signedID: String? = nil) {
        self.scheme = scheme
        self.secretIndex = secretIndex
        self.signedAt = signedAt
        self.signedID = signedID
    }
}

/// A body that is proven to come from TaskFlow.
///
/// Only a ``WebhookVerifier`` can make one.
public struct VerifiedPayload: Sendable {
    /// The verified bytes.
    public let body: [UInt8]
    /// How they were proven.
    public let proof: VerificationProof
    /// The headers, part of which is to be held against the body.
    private let headers: HeaderFields

    package init(body: [UInt8], proof: VerificationProof, headers: HeaderFields) {
        self.body = body
        self.proof = proof
        self.headers = headers
    }

    /// Reads the envelope, leaving the event's data undecoded.
    ///
    /// - Returns: The envelope.
    /// - Throws: `PayloadError` when the verified bytes are no envelope, or a header says something else than they do.
    public func envelope() throws(PayloadError) -> Envelope {
        let envelope = try Envelope(parsing: body)
        try envelope.check(against: headers)
        return envelope
    }

    /// Reads the envelope and decodes its data.
    ///
    /// - Returns: The event in its envelope.
    /// - Throws: `PayloadError` when the verified bytes are no event, or a header says something else than they do.
    public func decoded() throws(PayloadError) -> VerifiedEvent {
        let (envelope, event) = try Envelope.decode(body)
        try envelope.check(against: headers)
        return VerifiedEvent(envelope: envelope, event: event, proof: proof)
    }
}

/// An event that is proven to come from TaskFlow.
public struct VerifiedEvent: Sendable {
    /// The event's envelope, with the exact bytes that were verified.
    public let envelope: Envelope
    /// What happened.
    public let event: TaskFlowEvent
    /// How it was proven.
    public let proof: VerificationProof
}

extension Envelope {
    /// Refuses headers that contradict the body.
    ///
    /// Whoever can change a request on its way can change what is not signed, and code that trusts it would act on an
    /// event that nobody sent, or remember the wrong id. So such headers may repeat the body and not contradict it.
    func check(against headers: HeaderFields) throws(PayloadError) {
        for claim in headers.values(HeaderName.event) where claim.trimmed != type.rawValue {
            throw .mismatch(HeaderName.event, "type")
        }
        for claim in headers.values(HeaderName.standardID) where claim.trimmed != id.rawValue {
            throw .mismatch(HeaderName.standardID, "id")
        }
    }
}

extension PayloadError {
    fileprivate static func mismatch(_ header: String, _ member: String) -> PayloadError {
        PayloadError(
            .headerMismatch, "\(header) contradicts the signed body",
            hint: "Somebody changed the header on its way. Act on the body only: it is what was signed.",
            pointer: "/\(member)")
    }
}
