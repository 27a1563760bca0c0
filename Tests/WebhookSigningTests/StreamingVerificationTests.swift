import TestSupport
import Testing
import WebhookEvents
import WebhookPayload
import WebhookSigning
import WebhookTesting

@Suite("StreamingVerification")
struct StreamingVerificationTests {
    let now = Timestamp(unixSeconds: 1_707_583_522)
    let secret: WebhookSecret
    let old: WebhookSecret
    let key: WebhookSecret

    init() throws {
        var generator = SeededGenerator(seed: 7)
        secret = WebhookSecret.random(using: &generator)
        old = try WebhookSecret("the secret that came before")
        key = try WebhookSecret.randomSigningKey(using: &generator)
    }

    private func verdict(
        _ verifier: WebhookVerifier, _ body: [UInt8], _ headers: HeaderFields, chunk: Int
    ) throws(VerificationError) -> VerifiedPayload.Proof {
        var stream = try verifier.beginVerification(headers: headers, now: now)
        var rest = body[...]
        while !rest.isEmpty {
            try stream.update(Array(rest.prefix(chunk)))
            rest = rest.dropFirst(chunk)
        }
        return try stream.finish()
    }

    @Test("The result does not depend on how the body is split", arguments: [1, 7, 63, 64, 65, 4096])
    func chunks(size: Int) throws {
        let body = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let signers = [try WebhookSigner(secret), try WebhookSigner(old), try WebhookSigner(old, additional: [key])]
        let policies: [VerificationPolicy] = [.taskFlow, .timestamped(), .either()]
        for (signer, policy) in signers.flatMap({ signer in policies.map { (signer, $0) } }) {
            for secrets in [[secret, old], [secret, key.verificationKey], [key.verificationKey]] {
                let verifier = try WebhookVerifier(
                    secret: secrets[0], previous: Array(secrets.dropFirst()), policy: policy)
                let headers = signer.headers(for: body.span, id: "evt_1", at: now)
                for body in [body, body + [0], []] {
                    let whole = Result { () throws(VerificationError) in
                        try verifier.verify(body.span, headers: headers, now: now)
                    }
                    let parts = Result { () throws(VerificationError) in
                        try verdict(verifier, body, headers, chunk: size)
                    }
                    #expect(whole == parts)
                }
            }
        }
    }

    @Test("A body over the limit is rejected while it arrives; a body at the limit is accepted")
    func limit() throws {
        let headers = try WebhookSigner(secret).headers(for: Array(repeating: 1, count: 10).span, id: "evt_1", at: now)
        var stream = try WebhookVerifier(secret: secret, policy: .taskFlow).beginVerification(
            headers: headers, now: now, maximumLength: 10)
        try stream.update(Array(repeating: 1, count: 10))
        var full = stream
        #expect(throws: Never.self) { try stream.finish() }
        let error = try #require(throws: VerificationError.self) { try full.update([1]) }
        #expect(error.code == .bodyTooLarge)
        #expect(error.suggestedStatus == 413)
    }

    @Test("Headers alone can be sufficient to reject a request")
    func headersFirst() throws {
        #expect(throws: VerificationError.self) {
            try WebhookVerifier(secret: secret, policy: .taskFlow).beginVerification(headers: [:], now: now)
        }
        let stale = try WebhookSigner(secret).headers(for: [UInt8]().span, id: "evt_1", at: now - .seconds(301))
        let error = try #require(throws: VerificationError.self) {
            try WebhookVerifier(secret: secret, policy: .timestamped()).beginVerification(headers: stale, now: now)
        }
        #expect(error.code == .timestampTooOld)
    }
}
