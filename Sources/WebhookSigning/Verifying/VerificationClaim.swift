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

/// What one request claims, best proof first.
struct VerificationClaims: Sendable {
    let first: VerificationClaim
    var second: VerificationClaim?
    /// What to say when none of them holds; `nil` for the ordinary answer.
    var failure: VerificationError?

    /// The claims, in the order in which they are tried.
    var all: [VerificationClaim] { [first] + (second.map { [$0] } ?? []) }

    /// The failure of a request whose claims do not hold.
    var refusal: VerificationError { failure ?? .noMatch(first.header) }
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
    /// The key that verifies `v1a` signatures, where there is one.
    var publicKey: Ed25519PublicKey? {
        switch self {
        case .shared: nil
        case .signing(let key): key.publicKey
        case .verifying(let key): key
        }
    }
}

extension WebhookVerifier {
    /// Reads what the policy lets the headers claim, best proof first.
    ///
    /// - Returns: The claims.
    /// - Throws: `VerificationError` when the headers claim nothing that could be proven.
    func claims(of headers: HeaderFields, now: Timestamp) throws(VerificationError) -> VerificationClaims {
        switch policy.demand {
        case .documented: return VerificationClaims(first: .taskFlow(try headers.taskFlowCode()))
        case .timestamped: return VerificationClaims(first: .standard(try timely(headers, now)))
        case .either:
            let failure: VerificationError
            do {
                let standard = VerificationClaim.standard(try timely(headers, now))
                return VerificationClaims(
                    first: standard, second: (try? headers.taskFlowCode()).map(VerificationClaim.taskFlow))
            } catch { failure = error }
            // What is wrong with the better proof is what to tell, unless it was not sent at all.
            let isMissing = failure.code == .missingHeader
            do {
                let code = try headers.taskFlowCode()
                return VerificationClaims(first: .taskFlow(code), failure: isMissing ? nil : failure)
            } catch { throw isMissing ? error : failure }
        }
    }

    private func timely(_ headers: HeaderFields, _ now: Timestamp) throws(VerificationError) -> StandardHeaders {
        let standard = try StandardHeaders(headers)
        try policy.check(standard.unixSeconds, now)
        return standard
    }
}
