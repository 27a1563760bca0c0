import Testing
import WebhookEvents
import WebhookPayload
import WebhookSigning
import WebhookTesting

@Suite("SecretRotation")
struct SecretRotationTests {
    let start = Timestamp(unixSeconds: 1_700_000_000)
    let old: WebhookSecret
    let new: WebhookSecret
    let body = Array("{}".utf8)

    init() throws {
        old = try WebhookSecret("the old secret text")
        new = try WebhookSecret("the new secret text")
    }

    /// Returns whether a receiver with one secret accepts a request that is signed at a time.
    private func accepts(
        _ secret: WebhookSecret, _ policy: VerificationPolicy, _ rotation: SecretRotation, now: Timestamp
    ) throws -> Bool {
        let headers = rotation.signer(now: now).headers(for: body.span, id: "evt_1", at: now)
        let verifier = try WebhookVerifier(secret: secret, policy: policy)
        return (try? verifier.verify(body, headers: headers, now: now)) != nil
    }

    @Test(
        "Revoking after the activation time of a pending secret also revokes the secret that it replaces")
    func revokingWhatIsDue() throws {
        var rotation = try SecretRotation(WebhookSecret("the secret that leaked"))
        let start = Timestamp(unixSeconds: 1_707_583_522)
        try rotation.apply(.rotate(to: WebhookSecret("the secret that follows it"), after: .seconds(60)), now: start)
        try rotation.apply(.revokePrevious, now: start + .seconds(61))
        #expect(rotation.current.reveal() == "the secret that follows it")
        #expect(rotation.previous.isEmpty)
        let later = start + .seconds(120)
        let list = rotation.signer(now: later).standardSignature(of: [1], id: "evt_1", at: later)
        #expect(list.split(separator: " ").count == 1)
    }

    @Test("A receiver that reads the list can verify with either secret from announcement to expiry")
    func noGap() throws {
        var rotation = try SecretRotation(old)
        try rotation.rotate(to: new, after: .seconds(3600), now: start)
        let activation = start + .seconds(3600)
        let expiry = activation + SecretRotation.defaultOverlap
        for now in [start, activation - .seconds(1), activation, expiry - .seconds(1)] {
            #expect(try accepts(old, .timestamped(), rotation, now: now))
            #expect(try accepts(new, .timestamped(), rotation, now: now))
        }
        #expect(try !accepts(old, .timestamped(), rotation, now: expiry))
        #expect(try accepts(new, .timestamped(), rotation, now: expiry))
    }

    @Test("The documented header switches at the activation, and has one value")
    func documentedHeader() throws {
        var rotation = try SecretRotation(old)
        try rotation.rotate(to: new, after: .seconds(3600), now: start)
        let activation = start + .seconds(3600)
        #expect(try accepts(old, .taskFlow, rotation, now: activation - .seconds(1)))
        #expect(try !accepts(new, .taskFlow, rotation, now: activation - .seconds(1)))
        #expect(try accepts(new, .taskFlow, rotation, now: activation))
        #expect(try !accepts(old, .taskFlow, rotation, now: activation))
        let headers = rotation.signer(now: start).headers(for: body.span, id: "evt_1", at: start)
        #expect(headers["X-TaskFlow-Signature"]?.utf8.count == 71)
    }

    @Test("An explicit activation precedes the planned one; a cancelled secret is never activated")
    func steps() throws {
        var rotation = try SecretRotation(old)
        try rotation.rotate(to: new, after: .seconds(3600), now: start)
        var cancelled = rotation
        try rotation.activate(now: start + .seconds(60))
        #expect(rotation.current.reveal() == new.reveal())
        #expect(rotation.previous.first?.secret.reveal() == old.reveal())
        #expect(rotation.previous.first?.at == start + .seconds(60) + SecretRotation.defaultOverlap)
        try cancelled.cancel(now: start + .seconds(60))
        cancelled.advance(to: start + .seconds(7200))
        #expect(cancelled.current.reveal() == old.reveal())
        #expect(try !accepts(new, .timestamped(), cancelled, now: start + .seconds(7200)))
    }

    @Test("A second rotation soon after the first interrupts no receiver; a leaked secret can be revoked immediately")
    func twice() throws {
        let third = try WebhookSecret("the third secret text")
        var rotation = try SecretRotation(old)
        try rotation.rotate(to: new, after: .zero, now: start)
        try rotation.rotate(to: third, after: .zero, now: start + .seconds(60))
        let expiry = start + SecretRotation.defaultOverlap
        for secret in [old, new, third] {
            #expect(try accepts(secret, .timestamped(), rotation, now: expiry - .seconds(1)))
        }
        #expect(try !accepts(old, .timestamped(), rotation, now: expiry))
        #expect(try accepts(new, .timestamped(), rotation, now: expiry))
        try rotation.apply(.revokePrevious, now: start + .seconds(61))
        #expect(try !accepts(new, .timestamped(), rotation, now: start + .seconds(61)))
        #expect(try accepts(third, .timestamped(), rotation, now: start + .seconds(61)))
    }

    @Test("Invalid steps are rejected and change nothing")
    func refusals() throws {
        func code(_ step: () throws -> Void) throws -> SigningError.Code {
            try #require(throws: SigningError.self, performing: step).code
        }
        var rotation = try SecretRotation(old)
        #expect(try code { try rotation.activate(now: start) } == .noRotationPending)
        #expect(try code { try rotation.cancel(now: start) } == .noRotationPending)
        try rotation.rotate(to: new, after: .seconds(60), now: start)
        #expect(try code { try rotation.rotate(to: old, after: .seconds(60), now: start) } == .rotationPending)
        #expect(rotation.pending?.secret.reveal() == new.reveal())
        // The due activation has been applied, so no secret is left to cancel.
        #expect(try code { try rotation.cancel(now: start + .seconds(60)) } == .noRotationPending)
        var generator = SeededGenerator(seed: 1)
        let key = try WebhookSecret.randomSigningKey(using: &generator)
        #expect(try code { _ = try SecretRotation(key) } == .wrongKind)
        #expect(try code { try rotation.rotate(to: key, after: .zero, now: start) } == .wrongKind)
    }

    @Test("The service's signing keys sign in addition to the webhook's secrets")
    func signingKeys() throws {
        var generator = SeededGenerator(seed: 1)
        let key = try WebhookSecret.randomSigningKey(using: &generator)
        let signer = try SecretRotation(old).signer(now: start, signingKeys: [key])
        let headers = signer.headers(for: body.span, id: "evt_1", at: start)
        for (index, secret) in [old, key.verificationKey].enumerated() {
            let verifier = try WebhookVerifier(secret: secret, policy: .timestamped())
            let proof = try verifier.verify(body, headers: headers, now: start).proof
            #expect(proof.scheme == [.standardV1, .standardV1a][index])
            #expect(proof.signedID == "evt_1")
        }
        #expect(key.verificationKey.kind == .publicKey)
        #expect(throws: SigningError.self) { try WebhookSigner(old, additional: [key.verificationKey]) }
        #expect(throws: SigningError.self) { try WebhookSigner(key) }
    }

    @Test("The stored form is complete, and other bytes are rejected")
    func stored() throws {
        var rotation = try SecretRotation(old)
        try rotation.rotate(to: new, after: .zero, now: start)
        try rotation.rotate(to: WebhookSecret("the one after that"), after: .seconds(60), now: start)
        let read = try SecretRotation(stored: rotation.stored)
        #expect(read.current.reveal() == new.reveal())
        #expect(read.pending?.at == start + .seconds(60))
        #expect(read.previous.first?.secret.reveal() == old.reveal())
        #expect(read.stored == rotation.stored)
        for text in ["", "{}", #"{"version":2,"current":"the new secret text"}"#, #"{"version":1,"current":7}"#] {
            #expect(throws: SigningError.self) { try SecretRotation(stored: Array(text.utf8)) }
        }
    }

    // The first stored form; later versions of the library must still read it.
    @Test("Version 1 of the stored form can be read")
    func version1() throws {
        let text = """
            {"version":1,"current":"the new secret text","pending":{"secret":"the one after that","at":1700000060000000},\
            "previous":[{"secret":"the old secret text","at":1700172800000000}]}
            """
        let read = try SecretRotation(stored: Array(text.utf8))
        #expect(read.pending?.secret.reveal() == "the one after that")
        #expect(read.stored == Array(text.utf8))
    }
}
