internal import WebhookEvents
internal import WebhookPayload

/// What the headers of a request claim: that somebody with the secret signed the body.
enum VerificationClaim: Sendable {
    /// `X-TaskFlow-Signature`.
    case taskFlow(AuthenticationCode)
    /// The three headers of Standard Webhooks.
    case standard(StandardHeaders)

    /// The header that holds the signature.
    var header: String {
        switch self {
        case .taskFlow: HeaderName.signature
        case .standard: HeaderName.standardSignature
        }
    }

    /// Starts to compute what a shared secret would have signed; `nil` when it cannot have made the signature.
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

    /// The proof, when a computed code is the one that was received.
    func proof(_ computed: AuthenticationCode, secretIndex: Int) -> VerificationProof? {
        switch self {
        case .taskFlow(let received):
            guard computed.isEqualInConstantTime(to: received) else { return nil }
            return VerificationProof(scheme: .taskFlow, secretIndex: secretIndex)
        case .standard(let headers):
            return headers.contains(computed) ? headers.proof(.standardV1, secretIndex: secretIndex) : nil
        }
    }
}

extension StandardHeaders {
    func proof(_ scheme: SignatureScheme, secretIndex: Int) -> VerificationProof {
        VerificationProof(
            scheme: scheme, secretIndex: secretIndex, signedAt: Timestamp(unixSeconds: unixSeconds), signedID: id)
    }

    /// Whether one of the `v1a` signatures over a text is from the key that a secret holds.
    func isSigned(_ text: [UInt8], by secret: WebhookSecret) -> Bool {
        guard !keySignatures.isEmpty, let key = secret.storage.keys.publicKey else { return false }
        return keySignatures.contains { key.isValid($0, of: text) }
    }
}

extension SecretStorage.Keys {
    /// The key that verifies `v1a` signatures, where there is one; a verifier holds no signing keys.
    var publicKey: Ed25519PublicKey? {
        if case .verifying(let key) = self { key } else { nil }
    }
}

extension WebhookVerifier {
    /// Reads what the policy has the headers claim.
    ///
    /// - Returns: The claim.
    /// - Throws: `VerificationError` when the headers claim nothing that could be proven.
    func claim(of headers: HeaderFields, now: Timestamp) throws(VerificationError) -> VerificationClaim {
        switch policy.demand {
        case .documented: .taskFlow(try headers.taskFlowCode())
        case .timestamped: .standard(try timely(headers, now))
        // Whatever is wrong with a proof of the time, a proof without one must not stand in for it.
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
