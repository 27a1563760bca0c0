public import WebhookEvents
public import WebhookPayload

/// Verifies a body while it arrives, so that the verdict is there with the last byte.
///
/// Chunks are hashed and not kept: whoever needs the body keeps the one copy. Ed25519 reads a message twice, so with a
/// public key among the secrets the chunks are kept here as well, for as long as a `v1a` signature is there to be tried.
public struct StreamingVerification: Sendable {
    let secrets: [WebhookSecret]
    private let claim: VerificationClaim
    let maximumLength: Int
    private(set) var length = 0
    /// One computation for each shared secret, in the order in which the verifier tries them.
    private var lanes: [Lane] = []
    /// The signed text in one piece, where a public key has to read it.
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

    /// Takes the next part of the body.
    ///
    /// - Parameter chunk: The bytes, as they arrived.
    /// - Throws: ``VerificationError`` with code ``VerificationError/Code/bodyTooLarge``: stop reading.
    public mutating func update(_ chunk: Span<UInt8>) throws(VerificationError) {
        guard chunk.count <= maximumLength - length else { throw .bodyTooLarge(maximumLength) }
        length += chunk.count
        for index in lanes.indices { lanes[index].computation.update(chunk) }
        unsafe chunk.withUnsafeBufferPointer { unsafe text?.append(contentsOf: $0) }
    }

    /// Takes the next part of the body.
    ///
    /// - Parameter chunk: The bytes, as they arrived.
    /// - Throws: ``VerificationError`` with code ``VerificationError/Code/bodyTooLarge``: stop reading.
    public mutating func update(_ chunk: [UInt8]) throws(VerificationError) { try update(chunk.span) }

    /// Gives the verdict on everything that was fed.
    ///
    /// - Returns: The proof.
    /// - Throws: ``VerificationError``; answer with its ``VerificationError/suggestedStatus``.
    public consuming func finish() throws(VerificationError) -> VerificationProof {
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
    /// Begins to verify a body that arrives in parts.
    ///
    /// - Parameters:
    ///   - headers: The request's header fields.
    ///   - now: The time now.
    ///   - maximumLength: The most bytes to accept.
    /// - Returns: What to feed the body to.
    /// - Throws: ``VerificationError`` when the headers alone are enough to refuse the request.
    public func begin(
        headers: HeaderFields, now: Timestamp, maximumLength: Int = WebhookVerifier.maximumBodyLength
    ) throws(VerificationError) -> StreamingVerification {
        StreamingVerification(
            try claim(of: headers, now: now), secrets: secrets, maximumLength: maximumLength)
    }
}
