internal import WebhookEvents
internal import WebhookPayload

/// The claim in the headers of a request that the owner of a secret signed the body.
enum VerificationClaim: Sendable {
    /// The signature in `X-TaskFlow-Signature`.
    case taskFlow(AuthenticationCode)
    /// The values of the three Standard Webhooks headers.
    case standard(StandardHeaders)

    /// The header with the signature.
    var header: String {
        switch self {
        case .taskFlow: HeaderName.signature
        case .standard: HeaderName.standardSignature
        }
    }

    /// Starts to compute the code for a shared secret; returns `nil` if the secret cannot have made the signature.
    func begin(with secret: WebhookSecret) -> HMACComputation? {
        guard case .shared(let taskFlow, let standard) = secret.storage.keys else { return nil }
        switch self {
        case .taskFlow: return taskFlow.begin()
        case .standard(let headers):
            guard headers.code != nil else { return nil }
            var computation = standard.begin()
            computation.update(id: headers.id, timestamp: headers.timestamp)
            return computation
        }
    }

    /// Returns the proof if a computed code equals a received one.
    func proof(_ computed: AuthenticationCode, secretIndex: Int) -> VerifiedPayload.Proof? {
        switch self {
        case .taskFlow(let received):
            guard computed.isEqualInConstantTime(to: received) else { return nil }
            return VerifiedPayload.Proof(scheme: .taskFlow, secretIndex: secretIndex)
        case .standard(let headers):
            return headers.contains(computed) ? headers.proof(.standardV1, secretIndex: secretIndex) : nil
        }
    }
}

extension StandardHeaders {
    func proof(_ scheme: SignatureScheme, secretIndex: Int) -> VerifiedPayload.Proof {
        VerifiedPayload.Proof(
            scheme: scheme, secretIndex: secretIndex, signedAt: Timestamp(unixSeconds: unixSeconds), signedID: id)
    }

    /// Returns whether one of the `v1a` signatures over a text is valid for the public key of a secret.
    func isSigned(_ text: [UInt8], by secret: WebhookSecret) -> Bool {
        guard !keySignatures.isEmpty, let key = secret.storage.keys.publicKey else { return false }
        return keySignatures.contains { key.isValid($0, of: text) }
    }
}

extension SecretStorage.Keys {
    /// The key that verifies `v1a` signatures, if there is one; a verifier has no signing keys.
    var publicKey: Ed25519PublicKey? {
        if case .verifying(let key) = self { key } else { nil }
    }
}

extension WebhookVerifier {
    /// Reads the claim that the policy requires from the headers.
    ///
    /// - Returns: The claim.
    /// - Throws: `VerificationError` if the headers have no valid claim.
    func claim(of headers: HeaderFields, now: Timestamp) throws(VerificationError) -> VerificationClaim {
        switch policy.requirement {
        case .taskFlow: .taskFlow(try headers.taskFlowCode())
        case .timestamped: .standard(try timely(headers, now))
        // A signature without a time must not replace an invalid signature with one.
        case .either where StandardHeaders.areAbsent(from: headers) && !headers.values(HeaderName.signature).isEmpty:
            .taskFlow(try headers.taskFlowCode())
        case .either: .standard(try timely(headers, now))
        }
    }

    private func timely(_ headers: HeaderFields, _ now: Timestamp) throws(VerificationError) -> StandardHeaders {
        let standard = try StandardHeaders(headers)
        try policy.check(standard.unixSeconds, now)
        return standard
    }
}
