public import WebhookEvents
public import WebhookPayload

/// Proves that a request comes from TaskFlow, from its exact bytes and headers.
///
/// Nothing is parsed before it is proven: the body is bytes to the verifier, UTF-8 or not. All comparisons of signatures
/// take the same time wherever they differ.
public struct WebhookVerifier: Sendable {
    private let secrets: [WebhookSecret]
    private let policy: VerificationPolicy

    /// Creates a verifier.
    ///
    /// - Parameters:
    ///   - secret: The webhook's current secret.
    ///   - previous: Secrets that are still accepted, during a rotation.
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
        let proof: Proof
        switch policy.demand {
        case .documented: proof = try verifyTaskFlow(body.span, headers)
        case .timestamped: proof = try verifyStandard(body.span, headers, now)
        case .either:
            if let timestamped = try? verifyStandard(body.span, headers, now) {
                proof = timestamped
            } else {
                proof = try verifyTaskFlow(body.span, headers)
            }
        }
        return VerifiedPayload(
            body: body, scheme: proof.scheme, secretIndex: proof.secretIndex, signedAt: proof.signedAt)
    }

    private struct Proof {
        let scheme: SignatureScheme
        let secretIndex: Int
        var signedAt: Timestamp?
    }

    private func verifyTaskFlow(_ body: Span<UInt8>, _ headers: HeaderFields) throws(VerificationError) -> Proof {
        let name = HeaderName.signature
        let expected = "`sha256=` and 64 hexadecimal digits"
        let text = try headers.single(name, expected: expected)
        guard text.starts(with: "sha256=".utf8), let received = Hex.decode(text.dropFirst(7)), received.count == 32
        else { throw .malformed(name, expected: expected) }
        for (index, secret) in secrets.enumerated()
        where SignatureScheme.taskFlowCode(body, key: secret.taskFlowKey).isEqualInConstantTime(to: received) {
            return Proof(scheme: .taskFlow, secretIndex: index)
        }
        throw .noMatch(name)
    }

    private func verifyStandard(
        _ body: Span<UInt8>, _ headers: HeaderFields, _ now: Timestamp
    ) throws(VerificationError) -> Proof {
        let id = try headers.single(HeaderName.standardID, expected: "an identifier")
        guard !id.isEmpty, id.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: ".") }) else {
            throw .malformed(HeaderName.standardID, expected: "an identifier in ASCII without a dot")
        }
        let time = try headers.single(HeaderName.standardTimestamp, expected: "Unix seconds")
        guard let signedAt = unixSeconds(time) else {
            throw .malformed(HeaderName.standardTimestamp, expected: "Unix seconds in decimal digits")
        }
        let list = try headers.single(HeaderName.standardSignature, expected: "a list of signatures")
        let received = signatures(in: list)
        guard !received.isEmpty else {
            throw .malformed(HeaderName.standardSignature, expected: "a list with a `v1,` signature")
        }
        let age = Timestamp(unixSeconds: now.unixSeconds) - signedAt
        guard age <= policy.tolerance, age >= .zero - policy.tolerance else {
            throw .outsideTolerance(HeaderName.standardTimestamp, age: age)
        }
        for (index, secret) in secrets.enumerated() {
            let code = SignatureScheme.standardCode(
                body, id: String(decoding: id, as: UTF8.self), timestamp: String(decoding: time, as: UTF8.self),
                key: secret.standardKey)
            if received.contains(where: { code.isEqualInConstantTime(to: $0) }) {
                return Proof(scheme: .standardV1, secretIndex: index, signedAt: signedAt)
            }
        }
        throw .noMatch(HeaderName.standardSignature)
    }

    /// The well-formed `v1` signatures of a list; other versions and odd tokens are skipped, as the specification says.
    private func signatures(in list: ArraySlice<UInt8>) -> [[UInt8]] {
        list.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }.compactMap { token in
            guard token.starts(with: "v1,".utf8), let code = Base64.decode(token.dropFirst(3)), code.count == 32
            else { return nil }
            return code
        }
    }

    /// Digits only: a number parser would also take `+1`, `nan`, `1e9` and `1.5`.
    private func unixSeconds(_ text: ArraySlice<UInt8>) -> Timestamp? {
        guard (1...12).contains(text.count) else { return nil }
        var seconds: Int64 = 0
        for byte in text {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            seconds = seconds * 10 + Int64(byte - UInt8(ascii: "0"))
        }
        return Timestamp(unixSeconds: seconds)
    }
}

extension HeaderFields {
    /// The bytes of a field that must be there exactly once, without the spaces and tabs around them.
    fileprivate func single(_ name: String, expected: String) throws(VerificationError) -> ArraySlice<UInt8> {
        let values = self.values(name)
        guard let value = values.first else { throw .missing(name) }
        guard values.count == 1 else { throw .malformed(name, expected: expected) }
        let isSpace = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        var text = Array(value.utf8)[...]
        text = text.drop(while: isSpace)
        while let last = text.last, isSpace(last) { text.removeLast() }
        return text
    }
}
