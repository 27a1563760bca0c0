import Testing
import WebhookEvents
import WebhookSigning
import WebhookTesting

@Suite("WebhookSecret")
struct WebhookSecretTests {
    @Test(
        "Unusable texts are rejected with a reason",
        arguments: [
            ("", SigningError.Code.emptySecret), ("whsec_", .emptySecret),
            (" leading space secret", .surroundingWhitespace),
            ("trailing newline secret\n", .surroundingWhitespace), ("whsec_not-base64-at-all!", .malformedSecret),
            ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS", .malformedSecret),
            ("v1,whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", .malformedSecret),
            ("\"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\"", .malformedSecret),
            ("'whpk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'", .malformedSecret),
        ])
    func refused(text: String, code: SigningError.Code) throws {
        let error = try #require(throws: SigningError.self) { try WebhookSecret(text) }
        #expect(error.code == code)
        #expect(text.count < 7 || !error.description.contains(text))
    }

    @Test(
        "Only canonical base64 is a Standard Webhooks secret",
        arguments: [
            "", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS=", "v1,whsec_MfKQ9r8GKYqr",
            "MfKQ 9r8GKYqrTwjUPD8ILPZIo2LaLaS", "=AAA", "AA==AAAA", "AB==",
        ])
    func refusedStandard(text: String) {
        #expect(throws: SigningError.self) { try WebhookSecret(standardWebhooks: text) }
    }

    @Test("The prefix of a Standard Webhooks secret is optional")
    func prefix() throws {
        let bare = try WebhookSecret(standardWebhooks: "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        #expect(bare.revealForStandardWebhooks() == "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        // A store keeps the result of `reveal()` and reads it with the other initialiser.
        #expect(try WebhookSecret(bare.reveal()).revealForStandardWebhooks() == bare.revealForStandardWebhooks())
    }

    // Source: RFC 4231, test cases 1 and 2.
    @Test(
        "A secret from bytes is used unchanged for verification",
        arguments: [
            (
                [UInt8](repeating: 0x0B, count: 20), "Hi There",
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
            ),
            (
                Array("Jefe".utf8), "what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
            ),
        ])
    func given(key: [UInt8], body: String, hex: String) throws {
        let verifier = try WebhookVerifier(secret: WebhookSecret(bytes: key), policy: .taskFlow)
        let headers: HeaderFields = ["X-TaskFlow-Signature": "sha256=\(hex)"]
        #expect(
            try verifier.verify(Array(body.utf8), headers: headers, now: Timestamp(unixSeconds: 0)).proof.secretIndex
                == 0)
    }

    @Test("Any bytes are a secret for verification, unless empty; a new webhook needs text")
    func bytes() throws {
        #expect(throws: SigningError.self) { try WebhookSecret(bytes: []) }
        for bytes in [
            [0x00], Array("8 chars!".utf8), Array("with a newline at its end\n".utf8),
            Array(repeating: 0xFF, count: 32),
        ] {
            let secret = try WebhookSecret(bytes: bytes)
            let code = try WebhookSigner(secret).taskFlowSignature(of: [1, 2, 3])
            let headers: HeaderFields = ["X-TaskFlow-Signature": code]
            let verifier = try WebhookVerifier(secret: secret, policy: .taskFlow)
            #expect(throws: Never.self) {
                try verifier.verify([1, 2, 3], headers: headers, now: Timestamp(unixSeconds: 0))
            }
        }
        let error = try #require(throws: SigningError.self) {
            try SecretRotation(WebhookSecret(bytes: Array(repeating: 0xFF, count: 32)))
        }
        #expect(error.code == .malformedSecret)
        // A secret that cannot be read from its text is not valid for a new webhook.
        for text in [
            "0123456789abcdef01234567\n", "whsec_not-base64-at-all!", "\"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\"",
        ] {
            #expect(throws: SigningError.self) { try SecretRotation(WebhookSecret(bytes: Array(text.utf8))) }
        }
        // If a public key were used as a shared secret, anyone who has it could sign.
        for text in ["whpk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"] {
            #expect(throws: SigningError.self) { try WebhookSecret(bytes: Array(text.utf8)) }
        }
        let shown = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
        let same = try WebhookSecret(bytes: Array(shown.utf8))
        #expect(try same.revealForStandardWebhooks() == WebhookSecret(shown).revealForStandardWebhooks())
    }

    @Test(
        "A secret that was registered before a rule existed still works",
        arguments: ["v1,whsec_MfKQ9r8GKYqrTwjUPD8I", "'quoted whsec_secret'"])
    func stored(text: String) throws {
        #expect(throws: SigningError.self) { try WebhookSecret(text) }
        let stored = JSONValue.object(["version": 1, "current": .string(text)]).encoded()
        #expect(try SecretRotation(stored: stored).current.reveal() == text)
    }

    @Test("A verifier accepts a key of any length; a new webhook does not")
    func lengths() throws {
        let short = try WebhookSecret(standardWebhooks: "whsec_YWI=")
        #expect(throws: SigningError.self) { try SecretRotation(short) }
        _ = try SecretRotation(WebhookSecret(standardWebhooks: "whsec_YWJjZGVmZ2hpamts"))
    }

    @Test("A signing key is read with or without its public half; other libraries get only that half")
    func signingKey() throws {
        // Source: RFC 8032, section 7.1, test 1.
        let seed = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="
        let both = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2DXWpgBgrEKt9VL/tPJZAc6DuFy89qmIyWvAhpo9wdRGg=="
        let half = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
        for text in [seed, both] {
            let key = try WebhookSecret("whsk_\(text)")
            #expect(key.kind == .signingKey)
            #expect(key.reveal() == "whsk_\(seed)")
            #expect(key.verificationKey.reveal() == "whpk_\(half)")
            #expect(key.revealForStandardWebhooks() == "whpk_\(half)")
        }
        let other = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2DXWpgBgrEKt9RL/tPJZAc6DuFy89qmIyWvAhpo9wdRGg=="
        let error = try #require(throws: SigningError.self) { try WebhookSecret("whsk_" + other) }
        #expect(error.code == .unusableKey)
    }

    @Test("A public key in X.509 format is rejected with a hint")
    func wrappedKey() throws {
        let text = "whpk_MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
        let error = try #require(throws: SigningError.self) { try WebhookSecret(text) }
        #expect(error.code == .malformedSecret)
        #expect(error.hint.contains("last 32"))
    }

    @Test("A plain secret has a format for other libraries, made from its UTF-8 bytes")
    func plainForm() throws {
        #expect(
            try WebhookSecret("It's a Secret to Everybody").revealForStandardWebhooks()
                == "whsec_SXQncyBhIFNlY3JldCB0byBFdmVyeWJvZHk=")
    }

    @Test("Generated secrets have 32 random bytes and survive a round trip")
    func generated() throws {
        var generator = SeededGenerator(seed: 1)
        let (one, other) = (WebhookSecret.random(using: &generator), WebhookSecret.random(using: &generator))
        #expect(one.reveal() != other.reveal())
        #expect(one.reveal().hasPrefix("whsec_"))
        #expect(one.reveal().utf8.count == "whsec_".utf8.count + 44)
        #expect(try WebhookSecret(one.reveal()).revealForStandardWebhooks() == one.reveal())
        #expect(one.advice == nil)
    }

    @Test("A short but acceptable secret comes with advice")
    func advice() throws {
        #expect(try WebhookSecret("twelve chars").advice != nil)
        #expect(try WebhookSecret("twenty-four characters!!").advice == nil)
    }

    @Test("Neither printing nor reflection shows a secret")
    func canary() throws {
        let marker = "canary-canary-canary"
        let secret = try WebhookSecret(marker)
        let verifier = try WebhookVerifier(secret: secret, policy: .taskFlow)
        for value in [secret, verifier, try WebhookSigner(secret)] as [Any] {
            var dumped = ""
            dump(value, to: &dumped)
            for text in ["\(value)", String(reflecting: value), dumped] {
                #expect(!text.contains(marker))
                #expect(!text.contains("99, 97, 110"), "the bytes of the marker")
            }
        }
    }
}

@Suite("Base64")
struct Base64Tests {
    // Source: RFC 4648, section 10.
    @Test(
        "RFC 4648",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ])
    func rfc4648(plain: String, encoded: String) {
        #expect(Base64.encode(Array(plain.utf8)) == encoded)
        #expect(Base64.decode(encoded.utf8) == Array(plain.utf8))
    }

    @Test(
        "Other encodings of the same bytes are rejected",
        arguments: ["Zg", "Zg=", "Zh==", "Zm9=", "Zg==\n", " Zg==", "Z-_=", "Zg==Zg==", "====", "Zm9v="])
    func spellings(text: String) {
        #expect(Base64.decode(text.utf8) == nil)
    }
}
