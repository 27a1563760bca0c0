public import WebhookEvents
public import WebhookPayload

/// Proves that a request comes from TaskFlow, from its exact bytes and headers.
///
/// Nothing is parsed before it is proven: the body is bytes to the verifier, UTF-8 or not. All comparisons of signatures
/// take the same time wherever they differ.
public struct WebhookVerifier: Sendable {
    let secrets: [WebhookSecret]
    let policy: VerificationPolicy

    /// Creates a verifier.
    ///
    /// - Parameters:
    ///   - secret: The webhook's current secret, or the sender's public key.
    ///   - previous: Secrets that are still accepted, during a rotation, and further public keys.
    ///   - policy: Which proof to demand; as documented unless said otherwise.
    public init(
        secret: WebhookSecret, previous: [WebhookSecret] = [], policy: VerificationPolicy = .documented
    ) {
        self.secrets = [secret] + previous
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
        switch policy.demand {
        case .documented:
            return try prove(headers.taskFlowCode(), of: body)
        case .timestamped:
            return try prove(StandardHeaders(headers), of: body, now)
        case .either:
            let failure: VerificationError
            do { return try prove(StandardHeaders(headers), of: body, now) } catch { failure = error }
            // What is wrong with the better proof is what to tell, unless only the other one was sent.
            do { return try prove(headers.taskFlowCode(), of: body) } catch {
                throw failure.code == .missingHeader ? error : failure
            }
        }
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
    private func prove(
        _ received: AuthenticationCode, of body: Span<UInt8>
    ) throws(VerificationError) -> VerificationProof {
        for index in secrets.indices {
            guard case .shared(let key, _) = secrets[index].storage.keys else { continue }
            if SignatureScheme.taskFlowCode(body, key: key).isEqualInConstantTime(to: received) {
                return VerificationProof(scheme: .taskFlow, secretIndex: index)
            }
        }
        throw .noMatch(HeaderName.signature)
    }

    private func prove(
        _ headers: StandardHeaders, of body: Span<UInt8>, _ now: Timestamp
    ) throws(VerificationError) -> VerificationProof {
        try policy.check(headers.unixSeconds, now)
        for index in secrets.indices {
            switch secrets[index].storage.keys {
            case .shared(_, let key):
                guard headers.code != nil else { continue }
                let code = SignatureScheme.standardCode(body, id: headers.id, timestamp: headers.timestamp, key: key)
                if headers.contains(code) {
                    return headers.proof(.standardV1, secretIndex: index)
                }
            case .signing, .verifying:
                guard !headers.keySignatures.isEmpty, let key = secrets[index].storage.keys.publicKey else { continue }
                let text = SignatureScheme.signedText(body, id: headers.id, timestamp: headers.timestamp)
                if headers.keySignatures.contains(where: { key.isValid($0, of: text) }) {
                    return headers.proof(.standardV1a, secretIndex: index)
                }
            }
        }
        throw .noMatch(HeaderName.standardSignature)
    }
}

extension StandardHeaders {
    func proof(_ scheme: SignatureScheme, secretIndex: Int) -> VerificationProof {
        VerificationProof(
            scheme: scheme, secretIndex: secretIndex, signedAt: Timestamp(unixSeconds: unixSeconds), signedID: id)
    }
}

extension SecretStorage.Keys {
    /// The key that verifies `v1a` signatures, where there is one.
    var publicKey: Ed25519PublicKey? {
        switch self {
        case .shared: nil
        case .signing(let key): key.publicKey
        case .verifying(let key): key
        }
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
