import Testing
import WebhookEvents
import WebhookPayload
import WebhookSigning

@Suite("WebhookVerifier")
struct WebhookVerifierTests {
    static let body = Array("Hello, World!".utf8)
    static let hex = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    static let now = Timestamp(unixSeconds: 1_700_000_000)

    static func secret() throws -> WebhookSecret { try WebhookSecret("It's a Secret to Everybody") }

    @Test("By default, a verifier requires the timestamped headers and rejects the documented one alone")
    func standardPolicy() throws {
        let verifier = try WebhookVerifier(secret: Self.secret())
        let documented: HeaderFields = ["X-TaskFlow-Signature": "sha256=\(Self.hex)"]
        let error = try #require(throws: VerificationError.self) {
            try verifier.verify(Self.body, headers: documented, now: Self.now)
        }
        #expect(error.code == .missingHeader)
        let findings = verifier.explain(Self.body, headers: documented, now: Self.now).findings
        #expect(findings.map(\.cause) == [.otherScheme])
    }

    @Test("The sender's signing key is rejected in any position, with a hint that contains its public half")
    func signingKey() throws {
        var generator = SystemRandomNumberGenerator()
        let key = try WebhookSecret.randomSigningKey(using: &generator)
        for secrets in [[key], [key.verificationKey, key], [try Self.secret(), key.verificationKey, key]] {
            let error = try #require(throws: SigningError.self) {
                try WebhookVerifier(secret: secrets[0], previous: Array(secrets.dropFirst()))
            }
            #expect(error.code == .wrongKind)
            #expect(error.hint.contains(key.verificationKey.reveal()))
            #expect(!error.description.contains(key.reveal()))
        }
        #expect(throws: Never.self) { try WebhookVerifier(secret: key.verificationKey) }
    }

    @Suite("with the documented policy")
    struct Documented {
        let verifier: WebhookVerifier

        init() throws { verifier = try WebhookVerifier(secret: secret(), policy: .taskFlow) }

        private func verify(_ body: [UInt8], _ headers: HeaderFields) throws(VerificationError) -> VerifiedPayload {
            try verifier.verify(body, headers: headers, now: now)
        }

        @Test("GitHub's documented example is accepted, in any header case and with spaces around it")
        func accepted() throws {
            for (name, value) in [
                ("X-TaskFlow-Signature", "sha256=\(hex)"), ("x-taskflow-signature", "sha256=\(hex)"),
                ("X-TASKFLOW-SIGNATURE", " \tsha256=\(hex)\t "), ("X-TaskFlow-Signature", "sha256=\(hex.uppercased())"),
            ] {
                let proof = try verify(body, HeaderFields([(name, value)]))
                #expect(proof.body == body)
                #expect(proof.proof.scheme == .taskFlow)
                #expect(proof.proof.secretIndex == 0)
            }
        }

        @Test(
            "Everything except 64 hexadecimal digits after the prefix is malformed",
            arguments: [
                "", " ", hex, "sha256=", "sha256", "sha256=\(hex.dropLast())", "sha256=\(hex)0", "sha256=\(hex)00",
                "SHA256=\(hex)", "sha1=\(hex)", "sha256= \(hex)", "sha256=\(hex) x", "sha256=0x\(hex.dropFirst(2))",
                "sha256=+f\(hex.dropFirst(2))", "sha256=\(hex.dropLast())g", "v1=\(hex)", "sha256=\"\(hex)\"",
                "sha256=\(hex),sha256=\(hex)", "sha256=\(hex)\u{301}", String(repeating: "a", count: 1_000_000), "none",
            ])
        func malformed(value: String) throws {
            let error = try #require(throws: VerificationError.self) {
                try verify(body, ["X-TaskFlow-Signature": value])
            }
            #expect(error.code == .malformedHeader)
            #expect(error.suggestedStatus == 401)
        }

        @Test("A missing header, a repeated header, and another body or secret are distinguished")
        func codes() throws {
            func code(_ body: [UInt8], _ headers: HeaderFields) throws -> VerificationError.Code {
                try #require(throws: VerificationError.self) { try verify(body, headers) }.code
            }
            let header = ("X-TaskFlow-Signature", "sha256=\(hex)")
            #expect(try code(body, [:]) == .missingHeader)
            #expect(try code(body, HeaderFields([header, header])) == .malformedHeader)
            #expect(try code(body + [0x0A], HeaderFields([header])) == .noMatchingSignature)
            #expect(try code([], HeaderFields([header])) == .noMatchingSignature)
        }

        @Test(
            "An empty body and a body that is not UTF-8 are accepted as bytes",
            arguments: [[], [0xFF, 0xFE, 0x00, 0x80]])
        func anyBytes(bytes: [UInt8]) throws {
            let signature = try WebhookSigner(secret()).taskFlowSignature(of: bytes)
            #expect(try verify(bytes, ["X-TaskFlow-Signature": signature]).body == bytes)
        }

        @Test("With several secrets, the proof has the index of the matching one")
        func severalSecrets() throws {
            let new = try WebhookSecret("a new secret of the account")
            let both = try WebhookVerifier(secret: new, previous: [secret()], policy: .taskFlow)
            let proof = try both.verify(body, headers: ["X-TaskFlow-Signature": "sha256=\(hex)"], now: now)
            #expect(proof.proof.secretIndex == 1)
        }
    }

    @Suite("with the timestamped policy")
    struct Timestamped {
        let signer: WebhookSigner
        let verifier: WebhookVerifier

        init() throws {
            signer = try WebhookSigner(secret())
            verifier = try WebhookVerifier(secret: secret(), policy: .timestamped())
        }

        private func headers(signedAt: Timestamp = now, id: EventID = "evt_1") -> HeaderFields {
            [
                "webhook-id": id.rawValue, "webhook-timestamp": String(signedAt.unixSeconds),
                "webhook-signature": signer.standardSignature(of: body, id: id, at: signedAt),
            ]
        }

        private func replacing(_ name: String, with value: String?) -> HeaderFields {
            var result: HeaderFields = [:]
            for field in headers().lines {
                if field.name != name { result.append(field.name, field.value) }
            }
            if let value { result.append(name, value) }
            return result
        }

        private func code(_ headers: HeaderFields) -> VerificationError.Code? {
            do {
                _ = try verifier.verify(body, headers: headers, now: now)
                return nil
            } catch { return error.code }
        }

        @Test("The tolerance is 300 s in both directions, inclusive", arguments: [-301, -300, -1, 0, 1, 300, 301])
        func window(age: Int64) {
            let expected: VerificationError.Code? =
                abs(age) <= 300 ? nil : age > 0 ? .timestampTooOld : .timestampTooNew
            #expect(code(headers(signedAt: now - .seconds(age))) == expected)
        }

        @Test("A missing header is named", arguments: ["webhook-id", "webhook-timestamp", "webhook-signature"])
        func missing(name: String) throws {
            let error = try #require(throws: VerificationError.self) {
                try verifier.verify(body, headers: replacing(name, with: nil), now: now)
            }
            #expect(error.code == .missingHeader)
            #expect(error.header == name)
        }

        @Test("There is no fallback to the documented header")
        func noFallback() {
            #expect(code(["X-TaskFlow-Signature": "sha256=\(hex)"]) == .missingHeader)
        }

        @Test(
            "A timestamp that is not plain digits is malformed",
            arguments: [
                "", "nan", "inf", "1e9", "1700000000.9", "+1700000000", "-1", "1700000000abc", "0x65", "１７００",
                "01700000000", "00", "1700 000000", "99999999999999999999", String(repeating: "1", count: 1_000_000),
            ])
        func malformedTime(value: String) {
            #expect(code(replacing("webhook-timestamp", with: value)) == .malformedHeader)
        }

        @Test(
            "An identifier that could move the boundary of the signed parts is malformed",
            arguments: ["", "evt.1", "é", "a b"])
        func malformedID(value: String) {
            #expect(code(replacing("webhook-id", with: value)) == .malformedHeader)
        }

        @Test("One valid signature in any position is sufficient; other versions and malformed tokens are skipped")
        func lists() {
            let good = signer.standardSignature(of: body, id: "evt_1", at: now)
            for list in [
                "v2,xx \(good)", "\(good) v1a,AAAA", "junk  \(good)", "v1,!!! \(good)", "\t\(good)\tv1,", ",x \(good)",
            ] {
                #expect(code(replacing("webhook-signature", with: list)) == nil, "\(list)")
            }
        }

        @Test("A list without a valid signature is rejected")
        func badLists() {
            let good = signer.standardSignature(of: body, id: "evt_1", at: now)
            for list in [
                "", "v1", "v1,", "v1,AAAA", "v2\(good.dropFirst(2))", "\(good),extra", "V1\(good.dropFirst(2))",
            ] {
                #expect(code(replacing("webhook-signature", with: list)) == .malformedHeader, "\(list)")
            }
            let other = "v1," + String(repeating: "A", count: 43) + "="
            #expect(code(replacing("webhook-signature", with: other)) == .noMatchingSignature)
        }

        @Test("The `either` policy accepts both signatures and prefers the timestamped one")
        func either() throws {
            let verifier = try WebhookVerifier(secret: secret(), policy: .either())
            var both = headers()
            both.append("X-TaskFlow-Signature", "sha256=\(hex)")
            #expect(try verifier.verify(body, headers: both, now: now).proof.scheme == .standardV1)
            let documented: HeaderFields = ["X-TaskFlow-Signature": "sha256=\(hex)"]
            #expect(try verifier.verify(body, headers: documented, now: now).proof.scheme == .taskFlow)
            // A signature without a time replaces none of these.
            let old = now + .seconds(301)
            #expect(throws: VerificationError.self) { try verifier.verify(body, headers: both, now: old) }
            for field in both.lines where field.name.lowercased().hasPrefix("webhook-") {
                let stripped = HeaderFields(both.lines.filter { $0 != field }.map { ($0.name, $0.value) })
                #expect(throws: VerificationError.self) { try verifier.verify(body, headers: stripped, now: now) }
                let wrong = HeaderFields(both.lines.map { ($0.name, $0 == field ? "x" : $0.value) })
                #expect(throws: VerificationError.self) { try verifier.verify(body, headers: wrong, now: now) }
            }
        }
    }
}
