import Testing
import WebhookEvents
import WebhookPayload
import WebhookSigning
import WebhookTesting

@Suite("WebhookVerifier.Explanation")
struct ExplanationTests {
    typealias Cause = WebhookVerifier.Explanation.Cause

    let now = Timestamp(unixSeconds: 1_707_583_522)
    let secret: WebhookSecret
    let signer: WebhookSigner
    let body: [UInt8]

    init() throws {
        secret = try WebhookSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        signer = try WebhookSigner(secret)
        body = try #require(try SampleEvents.sample(of: .commentCreated)).bytes
    }

    private func causes(
        _ body: [UInt8], _ headers: HeaderFields, _ policy: VerificationPolicy = .taskFlow,
        other: [WebhookSecret] = []
    ) throws -> [Cause] {
        let explanation = try WebhookVerifier(secret: secret, policy: policy)
            .explain(body, headers: headers, now: now, otherSecrets: other)
        #expect(explanation.error != nil)
        #expect(!explanation.description.contains("MfKQ9r8"), "an explanation never quotes a secret")
        return explanation.findings.map(\.cause)
    }

    private func taskFlow(_ body: [UInt8]) -> HeaderFields {
        ["X-TaskFlow-Signature": signer.taskFlowSignature(of: body)]
    }

    private func standard(_ body: [UInt8], at moment: Timestamp? = nil) -> HeaderFields {
        signer.headers(for: body.span, id: "evt_1", at: moment ?? now)
    }

    @Test("A body that was changed in transit is recognised in both schemes")
    func bodies() throws {
        let value = try JSONValue(parsing: body)
        var sorted = JSONValue.Members()
        for member in (value.object?.members ?? []).sorted(by: { $0.name < $1.name }) {
            sorted[member.name] = member.value
        }
        let changes: [(sent: [UInt8], received: [UInt8], Cause)] = [
            (body, body + [0x0A], .trailingNewline), (body, body + [0x0D, 0x0A], .trailingNewline),
            (body + [0x0A], body, .trailingNewline), (Array("a\nb".utf8), Array("a\r\nb".utf8), .lineEndings),
            (Array("a\r\nb".utf8), Array("a\nb".utf8), .lineEndings),
            (body, [0xEF, 0xBB, 0xBF] + body, .byteOrderMark),
            ([0xEF, 0xBB, 0xBF] + body, body, .byteOrderMark),
            (body, JSONValue.object(sorted).encoded(), .reserialisedJSON),
            (Array(#"{"a":"é"}"#.utf8), Array(#"{ "a" : "\u00e9" }"#.utf8), .reserialisedJSON),
            (Array(#"{"a": ["\u00e9", 1]}"#.utf8), Array(#"{"a":["é",1]}"#.utf8), .reserialisedJSON),
            (Array("{\n  \"a\": [\n    1\n  ]\n}".utf8), Array(#"{"a":[1]}"#.utf8), .reserialisedJSON),
            ([0x22, 0xFF, 0x22], Array("\"\u{FFFD}\"".utf8), .decodedAsText),
        ]
        for change in changes {
            #expect(try causes(change.received, taskFlow(change.sent)) == [change.2], "\(change)")
            #expect(try causes(change.received, standard(change.sent), .timestamped()) == [change.2], "\(change)")
        }
    }

    @Test("A header in a wrong format is recognised")
    func headers() throws {
        let right = signer.taskFlowSignature(of: body)
        let hex = String(right.dropFirst(7))
        for value in [hex, "sha1=\(hex)", "SHA256=\(hex)", "\"sha256=\(hex)\"", "sha256=\(hex);", "v1=\(hex)"] {
            #expect(try causes(body, ["X-TaskFlow-Signature": value]) == [.wrongPrefix], "\(value)")
        }
        let digits = Array(hex.utf8).map { Hex.value(of: $0) ?? 0 }
        let base64 = Base64.encode(stride(from: 0, to: 64, by: 2).map { digits[$0] << 4 | digits[$0 + 1] })
        #expect(try causes(body, ["X-TaskFlow-Signature": base64]) == [.wrongEncoding])
        #expect(try causes(body, ["X-TaskFlow-Signature": "sha256=\(base64)"]) == [.wrongEncoding])
        var bare = HeaderFields()
        for field in standard(body).lines where field.name.hasPrefix("webhook") {
            bare.append(field.name, field.name == "webhook-signature" ? String(field.value.dropFirst(3)) : field.value)
        }
        #expect(try causes(body, bare, .timestamped()) == [.wrongPrefix])
    }

    /// Returns a request with the given values of `webhook-signature`.
    private func standard(_ fields: [String], time: String? = nil) -> HeaderFields {
        var headers: HeaderFields = ["webhook-id": "evt_1", "webhook-timestamp": time ?? String(now.unixSeconds)]
        for field in fields { headers.append("webhook-signature", field) }
        return headers
    }

    /// Returns `v1,` and the code of a body, signed with the text of a time.
    private func signature(of body: [UInt8], at time: String) -> String {
        var computation = HMACKey(Base64.decode(secret.reveal().utf8.dropFirst(6)) ?? []).begin()
        computation.update("evt_1.\(time).")
        computation.update(body.span)
        return "v1," + Base64.encode(computation.finish().bytes)
    }

    @Test("Signatures that were joined or split at commas in transit are recognised")
    func commas() throws {
        let time = String(now.unixSeconds)
        let right = signature(of: body, at: time)
        let other = "v1," + Base64.encode([UInt8](repeating: 0, count: 32))
        for fields in [
            ["\(right), \(other)"], ["\(right),\(other)"], ["\(other),\(right)"], ["v1", String(right.dropFirst(3))],
            [right, other], ["v1, \(right.dropFirst(3))"],
        ] {
            #expect(try causes(body, standard(fields), .timestamped()) == [.joinedOrSplit], "\(fields)")
        }
        let code = signer.taskFlowSignature(of: body)
        let zeros = "sha256=" + String(repeating: "0", count: 64)
        #expect(try causes(body, ["X-TaskFlow-Signature": "\(zeros), \(code)"]) == [.joinedOrSplit])
        #expect(
            try causes(body, ["X-TaskFlow-Signature": zeros, "x-taskflow-signature": code]) == [.joinedOrSplit])
    }

    @Test("Base64 in another alphabet and base64 without padding are recognised separately")
    func alphabet() throws {
        let time = String(now.unixSeconds)
        // A body whose code contains a character that differs between the two alphabets.
        let bodies = (0..<100).map { Array(#"{"a":\#($0)}"#.utf8) }
        let body = try #require(bodies.first { signature(of: $0, at: time).contains(where: { "+/".contains($0) }) })
        let right = signature(of: body, at: time)
        let url = right.replacing("+", with: "-").replacing("/", with: "_")
        for (text, expected) in [
            (url, [Cause.urlAlphabet]), (String(right.dropLast()), [.missingPadding]),
            (String(url.dropLast()), [.urlAlphabet, .missingPadding]),
        ] {
            #expect(try causes(body, standard([text]), .timestamped()) == expected, "\(text)")
        }
    }

    @Test(
        "A wrong unit of the timestamp is named, whether or not it was signed",
        arguments: [
            ("1707583522000", "milliseconds"), ("1707583522000000", "microseconds"),
            ("1707583522000000000", "nanoseconds"), ("1707583522.5", "fractions"), ("01707583522", "leading zeros"),
            ("2024-02-10T16:45:22Z", "a date"),
        ])
    func units(time: String, unit: String) throws {
        for signed in [time, String(now.unixSeconds)] {
            let headers = standard([signature(of: body, at: signed)], time: time)
            let explanation = try WebhookVerifier(secret: secret).explain(body, headers: headers, now: now)
            #expect(explanation.findings.map(\.cause) == [.timestampUnit])
            #expect(explanation.description.contains(unit))
            #expect(explanation.description.contains("1707583522."))
        }
        // The unit is also reported if no other mistake is found.
        let forged = standard(["v1," + Base64.encode([UInt8](repeating: 0, count: 32))], time: time)
        #expect(try causes(body, forged, .timestamped()) == [.timestampUnit])
    }

    @Test("White space around the receiver's secret is recognised")
    func ownWhiteSpace() throws {
        let verifier = try WebhookVerifier(
            secret: WebhookSecret(bytes: Array("\(secret.reveal())\r\n".utf8)), policy: .taskFlow)
        let findings = verifier.explain(body, headers: taskFlow(body), now: now).findings
        #expect(findings.map(\.cause) == [.whitespaceInSecret])
    }

    @Test("A secret that one side interprets differently is recognised")
    func secrets() throws {
        let text = secret.reveal()
        let key = try #require(Base64.decode(text.utf8.dropFirst(6)))
        let keys: [([UInt8], Cause)] = [
            (Array("\(text)\n".utf8), .whitespaceInSecret), (Array("\(text) ".utf8), .whitespaceInSecret),
            (key, .decodedSecret), (Array(text.utf8.dropFirst(6)), .decodedSecret),
        ]
        for (key, cause) in keys {
            var computation = HMACKey(key).begin()
            computation.update(body.span)
            let hex = computation.finish().bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }
                .joined()
            #expect(try causes(body, ["X-TaskFlow-Signature": "sha256=\(hex)"]) == [cause])
        }
        var computation = HMACKey(Array(text.utf8)).begin()
        computation.update("evt_1.\(now.unixSeconds).")
        computation.update(body.span)
        let headers: HeaderFields = [
            "webhook-id": "evt_1", "webhook-timestamp": String(now.unixSeconds),
            "webhook-signature": "v1,\(Base64.encode(computation.finish().bytes))",
        ]
        #expect(try causes(body, headers, .timestamped()) == [.decodedSecret])
        let old = try WebhookSecret("the old secret of the webhook")
        let oldHeaders = try WebhookSigner(old).headers(for: body.span, id: "evt_1", at: now)
        #expect(try causes(body, oldHeaders, .either(), other: [old]) == [.otherSecret])
        #expect(try causes(body, oldHeaders, .either()) == [], "nothing explains it without the old secret")
    }

    @Test("A wrong clock, another scheme, another product and a missing signature are distinguished")
    func circumstances() throws {
        #expect(try causes(body, standard(body, at: now - .seconds(4000)), .timestamped()) == [.clockSkew])
        #expect(try causes(body, standard(body, at: now + .seconds(4000)), .timestamped()) == [.clockSkew])
        #expect(try causes(body, taskFlow(body), .timestamped()) == [.otherScheme])
        var svix = HeaderFields()
        for field in standard(body).lines where field.name.hasPrefix("webhook") {
            svix.append("Svix" + field.name.dropFirst(7), field.value)
        }
        #expect(try causes(body, svix) == [.otherScheme])
        #expect(try causes(body, ["X-Hub-Signature-256": signer.taskFlowSignature(of: body)]) == [.otherScheme])
        #expect(try causes(body, ["Stripe-Signature": "t=1,v1=00"]) == [.otherScheme])
        #expect(try causes(body, [:]) == [.unsigned])
    }

    @Test("A request that verifies has no findings, and neither has a forged one")
    func ends() throws {
        let verifier = try WebhookVerifier(secret: secret, policy: .either())
        #expect(verifier.explain(body, headers: standard(body), now: now).error == nil)
        let forged = try WebhookSigner(WebhookSecret("the secret of an attacker")).headers(
            for: body.span, id: "evt_1", at: now)
        let explanation = verifier.explain(body, headers: forged, now: now)
        #expect(explanation.error?.code == .noMatchingSignature)
        #expect(explanation.findings.isEmpty)
    }
}
