import Testing
import WebhookEvents
import WebhookPayload
import WebhookSigning
import WebhookTesting

@Suite("Flipped bits")
struct FlippedBitTests {
    let now = Timestamp(unixSeconds: 1_707_583_522)
    let body = (0..<1024).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let shared: WebhookSecret
    let key: WebhookSecret

    init() throws {
        var generator = SeededGenerator(seed: 5)
        shared = WebhookSecret.random(using: &generator)
        key = try WebhookSecret.randomSigningKey(using: &generator)
    }

    private func verifies(_ body: [UInt8], _ headers: HeaderFields, _ scheme: SignatureScheme) throws -> Bool {
        let verifier = try WebhookVerifier(
            secret: scheme == .standardV1a ? key.verificationKey : shared,
            policy: scheme == .taskFlow ? .taskFlow : .timestamped())
        return (try? verifier.verify(body.span, headers: headers, now: now)) != nil
    }

    private func headers(_ signature: String, _ scheme: SignatureScheme) -> HeaderFields {
        scheme == .taskFlow
            ? ["X-TaskFlow-Signature": signature]
            : [
                "webhook-id": "evt_1", "webhook-timestamp": String(now.unixSeconds), "webhook-signature": signature,
            ]
    }

    @Test("Every flipped bit of a 1 KB body is detected", arguments: SignatureScheme.allCases)
    func body(_ scheme: SignatureScheme) throws {
        let signature = try scheme.signature(
            of: body.span, id: "evt_1", at: now, with: scheme == .standardV1a ? key : shared)
        let headers = headers(signature, scheme)
        #expect(try verifies(body, headers, scheme))
        var accepted = 0
        // Ed25519 is two hundred times as expensive, so only one bit per byte is flipped.
        for index in body.indices {
            for bit in 0..<(scheme == .standardV1a ? 1 : 8) {
                var changed = body
                changed[index] ^= 1 << UInt8((bit + index) % 8)
                accepted += try verifies(changed, headers, scheme) ? 1 : 0
            }
        }
        #expect(accepted == 0)
    }

    @Test("Every flipped bit of a signature is detected", arguments: SignatureScheme.allCases)
    func signature(_ scheme: SignatureScheme) throws {
        let signature = try scheme.signature(
            of: body.span, id: "evt_1", at: now, with: scheme == .standardV1a ? key : shared)
        var accepted: [String] = []
        for index in signature.utf8.indices {
            for bit in 0..<8 {
                var changed = Array(signature.utf8)
                let place = signature.utf8.distance(from: signature.utf8.startIndex, to: index)
                changed[place] ^= 1 << UInt8(bit)
                let text = String(decoding: changed, as: UTF8.self)
                // The case of a hexadecimal digit carries no information.
                if scheme == .taskFlow, text.lowercased() == signature, text.hasPrefix("sha256=") { continue }
                if try verifies(body, headers(text, scheme), scheme) { accepted.append(text) }
            }
        }
        #expect(accepted.isEmpty)
    }
}
