public import WebhookEvents
public import WebhookPayload

extension VerifiedPayload {
    /// The proof that a request comes from TaskFlow.
    ///
    /// Only a ``WebhookVerifier`` can create one.
    public struct Proof: Sendable, Hashable {
        /// The scheme of the signature that was verified.
        public let scheme: SignatureScheme
        /// The index of the verifier's secret that matched; 0 is the current one.
        public let secretIndex: Int
        /// The time at which the request was signed, if the scheme signs it.
        public let signedAt: Timestamp?
        /// The `webhook-id` that was signed, if the scheme signs it.
        public let signedID: String?

        init(scheme: SignatureScheme, secretIndex: Int, signedAt: Timestamp? = nil, signedID: String? = nil) {
            self.scheme = scheme
            self.secretIndex = secretIndex
            self.signedAt = signedAt
            self.signedID = signedID
        }
    }
}

/// A body that is proven to come from TaskFlow.
///
/// Only a ``WebhookVerifier`` can create one.
public struct VerifiedPayload: Sendable {
    /// The verified bytes.
    public let body: [UInt8]
    /// The proof for the bytes.
    public let proof: VerifiedPayload.Proof
    /// The headers, some of which are compared with the body.
    private let headers: HeaderFields

    package init(body: [UInt8], proof: VerifiedPayload.Proof, headers: HeaderFields) {
        self.body = body
        self.proof = proof
        self.headers = headers
    }

    /// Reads the envelope without decoding the event's data.
    ///
    /// - Returns: The envelope.
    /// - Throws: `PayloadError` if the verified bytes are not an envelope, or if a header contradicts them.
    public func envelope() throws(PayloadError) -> Envelope {
        let envelope = try Envelope(parsing: body)
        try envelope.check(against: headers)
        return envelope
    }

    /// Decodes the envelope and its data.
    ///
    /// - Returns: The event in its envelope.
    /// - Throws: `PayloadError` if the verified bytes are not an event, or if a header contradicts them.
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
    /// The event.
    public let event: TaskFlowEvent
    /// The proof for the event.
    public let proof: VerifiedPayload.Proof
}

extension Envelope {
    /// Rejects headers that contradict the body.
    ///
    /// A man in the middle can change unsigned headers. Code that trusts them would act on an event that was never
    /// sent, or deduplicate on the wrong identifier. These headers may therefore repeat the body but not contradict
    /// it.
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
            hint: "The header was changed in transit. Use only the body, which is signed.",
            pointer: "/\(member)")
    }
}
