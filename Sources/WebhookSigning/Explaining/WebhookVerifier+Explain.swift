public import WebhookEvents
public import WebhookPayload

extension WebhookVerifier {
    /// Explains why a request does not verify, by trying common mistakes one at a time.
    ///
    /// - Parameters:
    ///   - body: The body that was verified.
    ///   - headers: The request's header fields.
    ///   - now: The time of the verification.
    ///   - otherSecrets: Secrets that may have been used by mistake, such as an old one or that of another webhook.
    /// - Returns: The error, and the mistakes that explain it.
    public func explain(
        _ body: [UInt8], headers: HeaderFields, now: Timestamp, otherSecrets: [WebhookSecret] = []
    ) -> WebhookVerifier.Explanation {
        do {
            _ = try verify(body.span, headers: headers, now: now)
            return WebhookVerifier.Explanation(error: nil, findings: [])
        } catch {
            let search = MistakeSearch(
                body: body, headers: headers, now: now, verifier: self, otherSecrets: otherSecrets,
                bodyMistakes: BodyMistake.all(for: body))
            return WebhookVerifier.Explanation(error: error, findings: search.findings())
        }
    }
}

/// A search for the mistake that explains an error.
private struct MistakeSearch {
    let body: [UInt8]
    let headers: HeaderFields
    let now: Timestamp
    let verifier: WebhookVerifier
    let otherSecrets: [WebhookSecret]
    let bodyMistakes: [BodyMistake]

    private var schemes: [SignatureScheme] {
        switch verifier.policy.requirement {
        case .taskFlow: [.taskFlow]
        case .timestamped: [.standardV1]
        case .either: [.standardV1, .taskFlow]
        }
    }

    func findings() -> [WebhookVerifier.Explanation.Finding] {
        var findings = skew().map { [$0] } ?? schemes.flatMap(mistakes)
        if findings.isEmpty { findings = otherSecret().map { [$0] } ?? [] }
        if findings.isEmpty { findings = otherScheme().map { [$0] } ?? [] }
        if findings.isEmpty, let suspicion = decodedAsText() { findings = [suspicion] }
        if findings.isEmpty { findings = schemes.flatMap(timeMistake) }
        var seen: Set<WebhookVerifier.Explanation.Finding> = []
        return findings.filter { seen.insert($0).inserted }
    }

    // MARK: - Single mistakes

    /// The maximum number of signatures of one header that are examined.
    private static let maximumSignatures = 8

    private func mistakes(_ scheme: SignatureScheme) -> [WebhookVerifier.Explanation.Finding] {
        let name = scheme == .taskFlow ? HeaderName.signature : HeaderName.standardSignature
        let signatures = LenientSignature.all(in: headers.values(name), scheme: scheme).prefix(Self.maximumSignatures)
        guard !signatures.isEmpty else { return [] }
        for secret in verifier.secrets {
            guard case .shared(let taskFlow, let standard) = secret.storage.keys else { continue }
            let key = scheme == .taskFlow ? taskFlow : standard
            // The format of a header can be wrong in addition to another mistake.
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

    /// Returns the signature that a key makes over a body; the body is hashed once for all signatures.
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

    /// Returns the mistake in the format of the signed time.
    private func time(_ scheme: SignatureScheme) -> TimestampMistake? {
        guard scheme == .standardV1, let text = headers[HeaderName.standardTimestamp] else { return nil }
        return TimestampMistake(text.trimmed)
    }

    private func timeMistake(_ scheme: SignatureScheme) -> [WebhookVerifier.Explanation.Finding] {
        time(scheme).map { [$0.finding] } ?? []
    }

    // MARK: - Wrong circumstances of a genuine signature

    private func verifies(
        _ secrets: [WebhookSecret], _ policy: VerificationPolicy, _ headers: HeaderFields
    ) -> VerifiedPayload.Proof? {
        let verifier = WebhookVerifier(secrets: secrets.map(\.verificationKey), policy: policy)
        return try? verifier.verify(body.span, headers: headers, now: now)
    }

    private func skew() -> WebhookVerifier.Explanation.Finding? {
        guard verifier.policy.requirement != .taskFlow,
            let proof = verifies(verifier.secrets, .timestamped(tolerance: .seconds(Int64.max / 4)), headers),
            let signedAt = proof.signedAt
        else { return nil }
        let age = now.unixSeconds - signedAt.unixSeconds
        return .init(
            cause: .clockSkew,
            message: "The signature is genuine, and was made \(abs(age)) s \(age > 0 ? "ago" : "in the future")",
            hint:
                "Compare this machine's clock with a time server. If it is right, the request was delayed or replayed."
        )
    }

    private func otherSecret() -> WebhookVerifier.Explanation.Finding? {
        guard let proof = verifies(otherSecrets, verifier.policy, headers) else { return nil }
        return .init(
            cause: .otherSecret,
            message: "The request is signed with number \(proof.secretIndex + 1) of the other secrets",
            hint: "Use the secret of this webhook; during a rotation, add the old one to the previous secrets.")
    }

    private func otherScheme() -> WebhookVerifier.Explanation.Finding? {
        for (name, policy) in [
            ("X-TaskFlow-Signature", VerificationPolicy.taskFlow), ("Standard Webhooks", .timestamped()),
        ]
        where verifies(verifier.secrets, policy, headers) != nil {
            return .init(
                cause: .otherScheme, message: "The request verifies with \(name), which the policy does not accept",
                hint: "Choose the policy that matches the sender; use `.either()` only during a migration.")
        }
        for (theirs, ours) in Self.relatives {
            var renamed = HeaderFields()
            for field in headers.lines {
                let name = theirs.firstIndex { field.isNamed($0) }.map { ours[$0] } ?? field.name
                renamed.append(name, field.value)
            }
            if verifies(verifier.secrets, .either(), renamed) != nil {
                return .init(
                    cause: .otherScheme, message: "The request verifies if \(theirs[0]) is read as \(ours[0])",
                    hint: "Rename the headers at the sender, which uses the names of another product.")
            }
        }
        if let name = Self.strangers.first(where: { headers[$0] != nil }) {
            return .init(
                cause: .otherScheme, message: "The request has \(name), which is the signature of another product",
                hint:
                    "Check the URL at the sender; the request is not from TaskFlow, or was sent to the wrong endpoint.")
        }
        let own = [HeaderName.signature, HeaderName.standardSignature]
        guard own.allSatisfy({ headers[$0] == nil }) else { return nil }
        return .init(
            cause: .unsigned, message: "The request has no signature of any kind",
            hint: "Check that the sender signs requests, and that no proxy removes headers.")
    }

    /// The header names that other products use for the same schemes.
    private static let relatives: [([String], [String])] = [
        (["X-Hub-Signature-256"], [HeaderName.signature]),
        (
            ["svix-signature", "svix-id", "svix-timestamp"],
            [HeaderName.standardSignature, HeaderName.standardID, HeaderName.standardTimestamp]
        ),
    ]

    /// The header names of other schemes.
    private static let strangers = [
        "Stripe-Signature", "X-Slack-Signature", "X-Shopify-Hmac-Sha256", "X-Pusher-Signature", "Signature-Input",
        "X-Hub-Signature-256", "X-Hub-Signature", "svix-signature",
    ]

    /// Returns only a suspicion, because the original bytes cannot be recovered.
    private func decodedAsText() -> WebhookVerifier.Explanation.Finding? {
        let isReplacement = { body[$0] == 0xEF && body[$0 + 1] == 0xBF && body[$0 + 2] == 0xBD }
        guard body.indices.dropLast(2).contains(where: isReplacement) else { return nil }
        return .init(
            cause: .decodedAsText, message: "The body contains U+FFFD, which replaces bytes that are not UTF-8",
            hint: "Pass the raw bytes to the verifier; the body was decoded as text before.")
    }
}
