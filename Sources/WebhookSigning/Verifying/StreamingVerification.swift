public import WebhookEvents
public import WebhookPayload

/// A verification of a body that arrives in parts.
///
/// Chunks are hashed and not kept, so the caller stores the only copy of the body. There is one exception: Ed25519
/// reads a message twice, so the chunks are kept here as well if the secrets include a public key and the request has
/// a `v1a` signature.
public struct StreamingVerification: Sendable {
    let secrets: [WebhookSecret]
    private let claim: VerificationClaim
    let maximumLength: Int
    private(set) var length = 0
    /// One computation per shared secret, in the order in which the verifier tries them.
    private var lanes: [Lane] = []
    /// The complete signed text, if a public key has to verify it.
    private var text: [UInt8]?

    private struct Lane {
        let secretIndex: Int
        var computation: HMACComputation
    }

    init(_ claim: VerificationClaim, secrets: [WebhookSecret], maximumLength: Int) {
        self.secrets = secrets
        self.claim = claim
        self.maximumLength = maximumLength
        for (index, secret) in secrets.enumerated() {
            guard let computation = claim.begin(with: secret) else { continue }
            lanes.append(Lane(secretIndex: index, computation: computation))
        }
        if case .standard(let headers) = claim, !headers.keySignatures.isEmpty,
            secrets.contains(where: { $0.storage.keys.publicKey != nil })
        {
            text = Array("\(headers.id).\(headers.timestamp).".utf8)
        }
    }

    /// Processes the next part of the body.
    ///
    /// - Parameter chunk: The bytes, as they arrived.
    /// - Throws: ``VerificationError`` with code ``VerificationError/Code/bodyTooLarge``; stop reading then.
    public mutating func update(_ chunk: Span<UInt8>) throws(VerificationError) {
        guard chunk.count <= maximumLength - length else { throw .bodyTooLarge(maximumLength) }
        length += chunk.count
        for index in lanes.indices { lanes[index].computation.update(chunk) }
        unsafe chunk.withUnsafeBufferPointer { unsafe text?.append(contentsOf: $0) }
    }

    /// Processes the next part of the body.
    ///
    /// - Parameter chunk: The bytes, as they arrived.
    /// - Throws: ``VerificationError`` with code ``VerificationError/Code/bodyTooLarge``; stop reading then.
    public mutating func update(_ chunk: [UInt8]) throws(VerificationError) { try update(chunk.span) }

    /// Verifies the signature over all processed parts.
    ///
    /// - Returns: The proof.
    /// - Throws: ``VerificationError``; respond with its ``VerificationError/suggestedStatus``.
    public consuming func finish() throws(VerificationError) -> VerifiedPayload.Proof {
        for index in lanes.indices {
            let code = lanes[index].computation.finish()
            if let proof = claim.proof(code, secretIndex: lanes[index].secretIndex) { return proof }
        }
        if let text, case .standard(let headers) = claim {
            for (index, secret) in secrets.enumerated() where headers.isSigned(text, by: secret) {
                return headers.proof(.standardV1a, secretIndex: index)
            }
        }
        throw .noMatch(claim.header)
    }
}

extension WebhookVerifier {
    /// Begins the verification of a body that arrives in parts.
    ///
    /// - Parameters:
    ///   - headers: The request's header fields.
    ///   - now: The current time.
    ///   - maximumLength: The maximum length of the body in bytes.
    /// - Returns: The verification, which processes the body.
    /// - Throws: ``VerificationError`` if the headers alone are sufficient to reject the request.
    public func beginVerification(
        headers: HeaderFields, now: Timestamp, maximumLength: Int = WebhookVerifier.maximumBodyLength
    ) throws(VerificationError) -> StreamingVerification {
        StreamingVerification(
            try claim(of: headers, now: now), secrets: secrets, maximumLength: maximumLength)
    }
}
