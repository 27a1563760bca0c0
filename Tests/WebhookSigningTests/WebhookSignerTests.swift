import Testing
import WebhookEvents
import WebhookPayload
import WebhookSigning

@Suite("HMACKey")
struct HMACKeyTests {
    // Source: RFC 4231, test cases 1 to 4, 6 and 7.
    static let vectors: [(key: [UInt8], message: [UInt8], code: String)] = [
        (
            Array(repeating: 0x0B, count: 20), Array("Hi There".utf8),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            Array(repeating: 0xAA, count: 20), Array(repeating: 0xDD, count: 50),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
        ),
        (
            Array(1...25), Array(repeating: 0xCD, count: 50),
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
        ),
        (
            Array(repeating: 0xAA, count: 131), Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
        (
            Array(repeating: 0xAA, count: 131),
            Array(
                ("This is a test using a larger than block-size key and a larger than block-size data. "
                    + "The key needs to be hashed before being used by the HMAC algorithm.").utf8),
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
        ),
    ]

    @Test("RFC 4231", arguments: vectors.indices)
    func rfc4231(index: Int) {
        let vector = Self.vectors[index]
        let key = HMACKey(vector.key)
        // In one part and byte by byte, and twice from one key: the key must not change by being used.
        for parts in [[vector.message], vector.message.map { [$0] }] {
            var computation = key.begin()
            for part in parts { computation.update(part.span) }
            let code = computation.finish().map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
            #expect(code == vector.code)
        }
    }
}

@Suite("WebhookSigner")
struct WebhookSignerTests {
    /// Source: GitHub, "Validating webhook deliveries".
    static let gitHub = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"

    @Test("GitHub's documented example, whose scheme is TaskFlow's")
    func gitHubExample() throws {
        let signer = WebhookSigner(try WebhookSecret("It's a Secret to Everybody"))
        #expect(signer.taskFlowSignature(of: Array("Hello, World!".utf8)) == Self.gitHub)
    }

    // Source: Standard Webhooks, the known answer of its reference libraries.
    @Test("The Standard Webhooks known answer")
    func standardExample() throws {
        let signer = WebhookSigner(try WebhookSecret(standardWebhooks: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
        let signature = signer.standardSignature(
            of: Array(#"{"test": 2432232314}"#.utf8), id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
            at: Timestamp(unixSeconds: 1_614_265_330))
        #expect(signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }

    @Test("During a rotation the TaskFlow header holds one signature and the standard one holds all")
    func rotation() throws {
        let (old, new) = (try WebhookSecret("the old secret text"), try WebhookSecret("the new secret text"))
        let signer = WebhookSigner(old, additional: [new])
        let body = Array("{}".utf8)
        #expect(signer.taskFlowSignature(of: body) == WebhookSigner(old).taskFlowSignature(of: body))
        let moment = Timestamp(unixSeconds: 1_700_000_000)
        let both = signer.standardSignature(of: body, id: "evt_1", at: moment)
        let each = [old, new].map { WebhookSigner($0).standardSignature(of: body, id: "evt_1", at: moment) }
        #expect(both == each.joined(separator: " "))
    }
}
