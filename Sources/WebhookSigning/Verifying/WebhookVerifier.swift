public import WebhookEvents
public import WebhookPayload

/// A verifier that proves from the exact bytes and headers of a request that it comes from TaskFlow.
///
/// No body is parsed before it is verified: to the verifier, it is bytes, UTF-8 or not. All signatures are compared in
/// constant time.
public struct WebhookVerifier: Sendable {
    /// The largest body that receivers should accept: 10 MiB, a little more than TaskFlow sends.
    public static let maximumBodyLength = 10_485_760

    let secrets: [WebhookSecret]
    let policy: VerificationPolicy

    /// The number of secrets that the verifier tries.
    public var secretCount: Int { secrets.count }

    /// The maximum difference between a signed time and the current time, in both directions.
    public var tolerance: Duration { .seconds(policy.toleranceSeconds) }

    /// Whether the verifier accepts signatures without a time, which are valid for as long as their secret is accepted.
    package var acceptsUntimestampedProofs: Bool { policy.requirement != .timestamped }

    /// Creates a verifier.
    ///
    /// - Parameters:
    ///   - secret: The webhook's current secret, or the sender's public key.
    ///   - previous: Secrets that are still accepted during a rotation, and further public keys.
    ///   - policy: The signatures to accept; by default, the timestamped headers.
    /// - Throws: ``SigningError`` with code ``SigningError/Code/wrongKind`` for a signing key; the hint has its public
    ///   half.
    public init(
        secret: WebhookSecret, previous: [WebhookSecret] = [], policy: VerificationPolicy = .timestamped()
    ) throws(SigningError) {
        let secrets = [secret] + previous
        for secret in secrets {
            guard case .signing(let key) = secret.storage.keys else { continue }
            throw SigningError(
                .wrongKind, "A verifier needs the public half of the signing key, not `whsk_…` itself",
                hint: """
                    Verify with `\(WebhookSecret(publicKey: key.publicKey).reveal())`, and keep the signing key with the sender: \
                    anyone who has it can sign in the sender's name. Replace the key if it has left the sender.
                    """)
        }
        self.init(secrets: secrets, policy: policy)
    }

    init(secrets: [WebhookSecret], policy: VerificationPolicy) {
        self.secrets = secrets
        self.policy = policy
    }

    /// Verifies one request.
    ///
    /// - Parameters:
    ///   - body: The raw body, before any parser.
    ///   - headers: The request's header fields.
    ///   - now: The current time.
    /// - Returns: The proof, with the body.
    /// - Throws: ``VerificationError``; respond with its ``VerificationError/suggestedStatus``.
    public func verify(
        _ body: [UInt8], headers: HeaderFields, now: Timestamp
    ) throws(VerificationError) -> VerifiedPayload {
        VerifiedPayload(body: body, proof: try verify(body.span, headers: headers, now: now), headers: headers)
    }

    /// Verifies one request without copying its body.
    ///
    /// - Parameters:
    ///   - body: The raw body, before any parser.
    ///   - headers: The request's header fields.
    ///   - now: The current time.
    /// - Returns: The proof.
    /// - Throws: ``VerificationError``; respond with its ``VerificationError/suggestedStatus``.
    public func verify(
        _ body: Span<UInt8>, headers: HeaderFields, now: Timestamp
    ) throws(VerificationError) -> VerifiedPayload.Proof {
        let claim = try claim(of: headers, now: now)
        guard let proof = prove(claim, of: body) else { throw .noMatch(claim.header) }
        return proof
    }

    /// Verifies one request and decodes its event.
    ///
    /// - Parameters:
    ///   - body: The raw body, before any parser.
    ///   - headers: The request's header fields.
    ///   - now: The current time.
    /// - Returns: The event in its envelope, with the proof.
    /// - Throws: ``VerificationError``, or `PayloadError` if the verified bytes are not an event; respond with 400
    ///   then.
    public func verifyAndDecode(_ body: [UInt8], headers: HeaderFields, now: Timestamp) throws -> VerifiedEvent {
        try verify(body, headers: headers, now: now).decoded()
    }
}

extension WebhookVerifier {
    private func prove(_ claim: VerificationClaim, of body: Span<UInt8>) -> VerifiedPayload.Proof? {
        for index in secrets.indices {
            if var computation = claim.begin(with: secrets[index]) {
                computation.update(body)
                if let proof = claim.proof(computation.finish(), secretIndex: index) { return proof }
            } else if case .standard(let headers) = claim, secrets[index].storage.keys.publicKey != nil,
                !headers.keySignatures.isEmpty
            {
                let text = SignatureScheme.signedText(body, id: headers.id, timestamp: headers.timestamp)
                if headers.isSigned(text, by: secrets[index]) {
                    return headers.proof(.standardV1a, secretIndex: index)
                }
            }
        }
        return nil
    }
}

extension VerificationPolicy {
    /// Rejects a signed time outside the tolerance, in the past or in the future.
    func check(_ signedAt: Int64, _ now: Timestamp) throws(VerificationError) {
        let age = now.unixSeconds - signedAt
        guard age <= toleranceSeconds, age >= -toleranceSeconds else {
            throw .outsideTolerance(HeaderName.standardTimestamp, ageInSeconds: age)
        }
    }
}
