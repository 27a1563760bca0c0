public import WebhookEvents
public import WebhookPayload

extension WebhookVerifier {
    /// Finds out why a request does not verify, by trying the usual mistakes one at a time.
    ///
    /// - Parameters:
    ///   - body: The body as it was verified.
    ///   - headers: The request's header fields.
    ///   - now: The time at which it was verified.
    ///   - otherSecrets: Secrets that may have signed it by mistake: an old one, another webhook's.
    /// - Returns: The refusal, and what would have verified.
    public func explain(
        _ body: [UInt8], headers: HeaderFields, now: Timestamp, otherSecrets: [WebhookSecret] = []
    ) -> VerificationExplanation {
        do {
            _ = try verify(body.span, headers: headers, now: now)
            return VerificationExplanation(error: nil, findings: [])
        } catch {
            let search = MistakeSearch(
                body: body, headers: headers, now: now, verifier: self, otherSecrets: otherSecrets,
                bodyMistakes: BodyMistake.all(for: body))
            return VerificationExplanation(error: error, findings: search.findings())
        }
    }
}

/// The search for the one mistake that explains a refusal.
private struct MistakeSearch {
    let body: [UInt8]
    let headers: HeaderFields
    let now: Timestamp
    let verifier: WebhookVerifier
    let otherSecrets: [WebhookSecret]
    let bodyMistakes: [BodyMistake]

    private var schemes: [SignatureScheme] {
        switch verifier.policy.demand {
        case .documented: [.taskFlow]
        case .timestamped: [.standardV1]
        case .either: [.standardV1, .taskFlow]
        }
    }

    func findings() -> [VerificationExplanation.Finding] {
        var findings = skew().map { [$0] } ?? schemes.flatMap(mistakes)
        if findings.isEmpty { findings = otherSecret().map { [$0] } ?? [] }
        if findings.isEmpty { findings = otherScheme().map { [$0] } ?? [] }
        if findings.isEmpty, let suspicion = decodedAsText() { findings = [suspicion] }
        if findings.isEmpty { findings = schemes.flatMap(timeMistake) }
        var seen: Set<VerificationExplanation.Finding> = []
        return findings.filter { seen.insert($0).inserted }
    }

    // MARK: - One mistake at a time

    /// The most signatures of one header that are looked at.
    private static let maximumSignatures = 8

    private func mistakes(_ scheme: SignatureScheme) -> [VerificationExplanation.Finding] {
        let name = scheme == .taskFlow ? HeaderName.signature : HeaderName.standardSignature
        let signatures = LenientSignature.all(in: headers.values(name), scheme: scheme).prefix(Self.maximumSignatures)
        guard !signatures.isEmpty else { return [] }
        for secret in verifier.secrets {
            guard case .shared(let taskFlow, let standard) = secret.storage.keys else { continue }
            let key = scheme == .taskFlow ? taskFlow : standard
            // The form of a header can be wrong beside anything else.
            if let match = match(body, key, scheme, in: signatures) { return match.form + timeMistake(scheme) }
            if let time = time(scheme), let match = match(body, key, scheme, in: signatures, at: time.seconds) {
                return match.form + [time.finding]
            }
            for mistake in bodyMistakes {
                guard let match = match(mistake.body, key, scheme, in: signatures) else { continue }
                let message = "The signature would match \(mistake.what)"
                return match.form + [.init(cause: mistake.cause, message: message, hint: mistake.hint)]
            }
            for mistake in SecretMistake.all(for: secret, scheme: scheme) {
                guard let match = match(body, mistake.key, scheme, in: signatures) else { continue }
                return match.form + [.init(cause: mistake.cause, message: mistake.message, hint: mistake.hint)]
            }
        }
        return []
    }

    /// Which of the signatures a key makes over some bytes; each is hashed once for all of them.
    private func match(
        _ body: [UInt8], _ key: HMACKey, _ scheme: SignatureScheme, in signatures: ArraySlice<LenientSignature>,
        at seconds: String? = nil
    ) -> LenientSignature? {
        var computation = key.begin()
        if scheme == .standardV1 {
            guard let id = headers[HeaderName.standardID], let time = headers[HeaderName.standardTimestamp] else {
                return nil
            }
            computation.update(id: id.trimmed, timestamp: seconds ?? time.trimmed)
        }
        computation.update(body.span)
        let code = computation.finish()
        return signatures.first { code.isEqualInConstantTime(to: $0.code) }
    }

    /// What is wrong with the form of the signed time.
    private func time(_ scheme: SignatureScheme) -> TimestampMistake? {
        guard scheme == .standardV1, let text = headers[HeaderName.standardTimestamp] else { return nil }
        return TimestampMistake(text.trimmed)
    }

    private func timeMistake(_ scheme: SignatureScheme) -> [VerificationExplanation.Finding] {
        time(scheme).map { [$0.finding] } ?? []
    }

    // MARK: - Everything right but one circumstance

    private func verifies(
        _ secrets: [WebhookSecret], _ policy: VerificationPolicy, _ headers: HeaderFields
    ) -> VerificationProof? {
        let verifier = WebhookVerifier(secrets: secrets.map(\.verifyingHalf), policy: policy)
        return try? verifier.verify(body.span, headers: headers, now: now)
    }

    private func skew() -> VerificationExplanation.Finding? {
        guard verifier.policy.demand != .documented,
            let proof = verifies(verifier.secrets, .timestamped(tolerance: .seconds(Int64.max / 4)), headers),
            let signedAt = proof.signedAt
        else { return nil }
        let age = now.unixSeconds - signedAt.unixSeconds
        return .init(
            cause: .clockSkew,
            message: "The signature is genuine, and was made \(abs(age)) s \(age > 0 ? "ago" : "in the future")",
            hint:
                "Compare this machine's clock with a time server's. If it is right, the request was held up or replayed."
        )
    }

    private func otherSecret() -> VerificationExplanation.Finding? {
        guard let proof = verifies(otherSecrets, verifier.policy, headers) else { return nil }
        return .init(
            cause: .otherSecret, message: "The request is signed with secret \(proof.secretIndex + 1) of the others",
            hint: "It is an old secret, or another webhook's. Add it as a previous one during a rotation.")
    }

    private func otherScheme() -> VerificationExplanation.Finding? {
        for (name, policy) in [
            ("X-TaskFlow-Signature", VerificationPolicy.documented), ("Standard Webhooks", .timestamped()),
        ]
        where verifies(verifier.secrets, policy, headers) != nil {
            return .init(
                cause: .otherScheme, message: "The request verifies by \(name), which the policy does not take",
                hint: "Choose the policy for what the sender sends; `.either()` is for the time of a migration.")
        }
        for (theirs, ours) in Self.relatives {
            var renamed = HeaderFields()
            for field in headers.fields {
                let name = theirs.firstIndex { field.isNamed($0) }.map { ours[$0] } ?? field.name
                renamed.append(name, field.value)
            }
            if verifies(verifier.secrets, .either(), renamed) != nil {
                return .init(
                    cause: .otherScheme, message: "The request verifies when \(theirs[0]) is read as \(ours[0])",
                    hint: "The sender uses another product's header names; rename them at the sender.")
            }
        }
        if let name = Self.strangers.first(where: { headers[$0] != nil }) {
            return .init(
                cause: .otherScheme, message: "The request carries \(name), which is another product's signature",
                hint: "It is not from TaskFlow, or goes to the wrong endpoint.")
        }
        let own = [HeaderName.signature, HeaderName.standardSignature]
        guard own.allSatisfy({ headers[$0] == nil }) else { return nil }
        return .init(
            cause: .unsigned, message: "The request carries no signature of any kind",
            hint: "Check that the sender signs, and that no proxy strips headers.")
    }

    /// The same schemes under other names.
    private static let relatives: [([String], [String])] = [
        (["X-Hub-Signature-256"], [HeaderName.signature]),
        (
            ["svix-signature", "svix-id", "svix-timestamp"],
            [HeaderName.standardSignature, HeaderName.standardID, HeaderName.standardTimestamp]
        ),
    ]

    /// Other schemes.
    private static let strangers = [
        "Stripe-Signature", "X-Slack-Signature", "X-Shopify-Hmac-Sha256", "X-Pusher-Signature", "Signature-Input",
        "X-Hub-Signature-256", "X-Hub-Signature", "svix-signature",
    ]

    /// A suspicion only: what the bytes were cannot be known any more.
    private func decodedAsText() -> VerificationExplanation.Finding? {
        let isReplacement = { body[$0] == 0xEF && body[$0 + 1] == 0xBF && body[$0 + 2] == 0xBD }
        guard body.indices.dropLast(2).contains(where: isReplacement) else { return nil }
        return .init(
            cause: .decodedAsText, message: "The body contains U+FFFD, which stands for bytes that were lost",
            hint: "Something decoded the body as text before it was verified: pass the raw bytes on.")
    }
}
