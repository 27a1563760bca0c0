import TestSupport
import Testing
import WebhookEvents
import WebhookPayload
import WebhookSigning

/// Tests with known answers; `Tests/Fixtures/known-answers.jsonl` names the source of each value.
@Suite("Known answers")
struct KnownAnswerTests {
    static let all = (try? Fixture.lines("known-answers.jsonl")) ?? []

    /// One row, displayed as its source.
    struct Row: CustomTestStringConvertible {
        let json: JSONValue
        var testDescription: String { json["source"]?.string ?? "" }
    }

    private static func rows(_ algorithm: String) -> [Row] {
        all.filter { $0["algorithm"]?.string == algorithm }.map(Row.init)
    }

    private func text(_ row: Row, _ name: String) throws -> String { try #require(row.json[name]?.string) }

    private func bytes(_ row: Row, _ name: String) throws -> [UInt8] {
        let digits = Array(try text(row, name).utf8)
        return stride(from: 0, to: digits.count, by: 2).map { index in
            (Hex.value(of: digits[index]) ?? 0) << 4 | (Hex.value(of: digits[index + 1]) ?? 0)
        }
    }

    @Test("RFC 4231, at once and byte by byte", arguments: rows("hmac-sha256"))
    func hmac(_ row: Row) throws {
        let (key, message) = (HMACKey(try bytes(row, "key")), try bytes(row, "message"))
        // Uses one key twice, because its use must not change it.
        for parts in [[message], message.map { [$0] }] {
            var computation = key.begin()
            for part in parts { computation.update(part.span) }
            #expect(try computation.finish().bytes == bytes(row, "code"))
        }
    }

    @Test("RFC 8032", arguments: rows("ed25519"))
    func ed25519(_ row: Row) throws {
        let seed = try bytes(row, "seed")
        let key = try #require(Ed25519SigningKey(seed: seed))
        let (message, signature) = (try bytes(row, "message"), try bytes(row, "signature"))
        #expect(try key.publicKey.bytes == bytes(row, "public_key"))
        #expect(key.signature(of: message) == signature)
        #expect(key.publicKey.isValid(signature, of: message))
        #expect(!key.publicKey.isValid(signature, of: message + [0]))
    }

    @Test("GitHub's documented example, whose scheme is TaskFlow's", arguments: rows("taskflow-sha256"))
    func gitHub(_ row: Row) throws {
        let signer = try WebhookSigner(WebhookSecret(text(row, "secret")))
        #expect(try signer.taskFlowSignature(of: bytes(row, "message")) == row.json["signature"]?.string)
    }

    @Test("Standard Webhooks v1", arguments: rows("standard-v1"))
    func standard(_ row: Row) throws {
        let signer = try WebhookSigner(WebhookSecret(standardWebhooks: text(row, "secret")))
        let name = try text(row, "id")
        let id = try #require(EventID(name))
        let moment = Timestamp(unixSeconds: Int64(try #require(row.json["timestamp"]?.integer)))
        #expect(
            try signer.standardSignature(of: bytes(row, "message"), id: id, at: moment) == row.json["signature"]?.string
        )
    }

    @Test("Standard Webhooks v1a, which no reference library verifies", arguments: rows("standard-v1a"))
    func asymmetric(_ row: Row) throws {
        let secret = try WebhookSecret(standardWebhooks: text(row, "public_key"))
        let moment = Timestamp(unixSeconds: Int64(try #require(row.json["timestamp"]?.integer)))
        let headers: HeaderFields = [
            "webhook-id": try text(row, "id"), "webhook-timestamp": String(moment.unixSeconds),
            "webhook-signature": try text(row, "signature"),
        ]
        let verifier = try WebhookVerifier(secret: secret, policy: .timestamped())
        #expect(try verifier.verify(bytes(row, "message"), headers: headers, now: moment).proof.scheme == .standardV1a)
    }

    @Test("The fixture has all rows")
    func complete() { #expect(Self.all.count == 12) }
}
