public import WebhookEvents
public import WebhookPayload

/// A body that is proven to come from TaskFlow.
///
/// Only a ``WebhookVerifier`` can make one.
public struct VerifiedPayload: Sendable {
    /// The verified bytes.
    public let body: [UInt8]
    /// How the proof was made.
    public let scheme: SignatureScheme
    /// Which of the verifier's secrets matched, counting from 0 for the current one.
    public let secretIndex: Int
    /// When the request was signed, where the scheme says so.
    public let signedAt: Timestamp?

    init(body: [UInt8], scheme: SignatureScheme, secretIndex: Int, signedAt: Timestamp?) {
        self.body = body
        self.scheme = scheme
        self.secretIndex = secretIndex
        self.signedAt = signedAt
    }

    /// Reads the envelope, leaving the event's data undecoded.
    ///
    /// - Returns: The envelope.
    /// - Throws: `PayloadError` when the verified bytes are no envelope.
    public func envelope() throws(PayloadError) -> Envelope {
        try Envelope(parsing: body)
    }
}
