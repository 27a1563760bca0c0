public import WebhookEvents
public import WebhookPayload

/// Proves that a request comes from TaskFlow, from its exact bytes and headers.
///
/// Nothing is parsed before it is proven: the body is bytes to the verifier, UTF-8 or not. All comparisons of signatures
/// take the same time wherever they differ.
public struct WebhookVerifier: Sendable {
    /// The largest body that receivers should accept: 10 MiB, a little more than TaskFlow sends.
    public static let maximumBodyLength = 10_485_760

    let secrets: [WebhookSecret]
    let policy: VerificationPolicy

    /// How many secrets it tries.
    public var secretCount: Int { secrets.count }

    /// How far a signed time may lie from now, both ways.
    public var tolerance: Duration { .seconds(policy.toleranceSeconds) }

    /// Whether it accepts a proof that holds no time, which verifies for as long as its secret is accepted.
    package var acceptsUntimedProofs: Bool { policy.demand != .timestamped }

    /// Creates a verifier.
    ///
    /// - Parameters:
    ///   - secret: The webhook's current secret, or the sender's public key.
    ///   - previous: Secrets that are still accepted, during a rotation, and further public keys.
    ///   - policy: Which proof to demand; the timestamped headers unless said otherwise.
    /// - Throws: ``SigningError`` with code ``SigningError/Code/wrongKind`` for a signing key: its hint holds the public half.
    public init(
        secret: WebhookSecret, previous: [WebhookSecret] = [], policy: VerificationPolicy = .timestamped()
    ) throws(SigningError) {
        let secrets = [secret] + previous
        for secret in secrets {
            guard case .signing(let key) = secret.storage.keys else { continue }
            throw SigningError(
                .wrongKind, "A signing key `whsk_…` was given to a verifier, which needs its public half only",
                hint: """
                    Verify with `\(WebhookSecret(publicKey: key.publicKey).reveal())`, and keep the signing key with the sender: \
                    anyone who has it can sign in the sender's name. Replace it if it has left the sender.
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
    ///   - now: The time now.
    /// - Returns: The proof, with the body.
    /// - Throws: ``VerificationError``; answer with its ``VerificationError/suggestedStatus``.
    public func verify(
        _ body: [UInt8], headers: HeaderFields, now: Timestamp
    ) throws(VerificationError) -> VerifiedPayload {
        VerifiedPayload(body: body, proof: try verify(body.span, headers: headers, now: now), headers: headers)
    }

    /// Verifies one request whose body stays where it is.
    ///
    /// - Parameters:
    ///   - body: The raw body, before any parser.
    ///   - headers: The request's header fields.
    ///   - now: The time now.
    /// - Returns: The proof.
    /// - Throws: ``VerificationError``; answer with its ``VerificationError/suggestedStatus``.
    public func verify(
        _ body: Span<UInt8>, headers: HeaderFields, now: Timestamp
    ) throws(VerificationError) -> VerificationProof {
        let claim = try claim(of: headers, now: now)
        guard let proof = prove(claim, of: body) else { throw .noMatch(claim.header) }
        return proof
    }

    /// Verifies one request and decodes its event.
    ///
    /// - Parameters:
    ///   - body: The raw body, before any parser.
    ///   - headers: The request's header fields.
    ///   - now: The time now.
    /// - Returns: The event in its envelope, with the proof.
    /// - Throws: ``VerificationError``, or `PayloadError` when the verified bytes are no event: answer with 400 then.
    public func decode(_ body: [UInt8], headers: HeaderFields, now: Timestamp) throws -> VerifiedEvent {
        try verify(body, headers: headers, now: now).decoded()
    }
}

extension WebhookVerifier {
    private func prove(_ claim: VerificationClaim, of body: Span<UInt8>) -> VerificationProof? {
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
    /// Refuses a signed time outside the tolerance, in the past or in the future.
    func check(_ signedAt: Int64, _ now: Timestamp) throws(VerificationError) {
        let age = now.unixSeconds - signedAt
        guard age <= toleranceSeconds, age >= -toleranceSeconds else {
            throw .outsideTolerance(HeaderName.standardTimestamp, ageInSeconds: age)
        }
    }
}
