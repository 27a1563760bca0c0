import TestSupport
import Testing
import WebhookEvents
import WebhookPayload
import WebhookSigning

/// Tests with the language-neutral vectors that `Tests/Fixtures/make_vectors.py` computes.
@Suite("Signature vectors")
struct SignatureVectorTests {
    static let all = (try? Fixture.lines("signature-vectors.jsonl")) ?? []

    @Test("Every vector is accepted, or rejected for the expected reason")
    func vectors() throws {
        #expect(Self.all.count >= 200)
        for vector in Self.all {
            let expected = vector["expect"]?["reason"]?.string
            #expect(try reason(of: vector) == expected, "\(vector["name"]?.string ?? "")")
        }
    }

    /// Returns the reason why a vector is rejected, or `nil` if it is accepted.
    private func reason(of vector: JSONValue) throws -> String? {
        let scheme = try #require(vector["scheme"]?.string.flatMap(SignatureScheme.init(rawValue:)))
        let encodedSecret = vector["secret_b64"]?.string.flatMap { Base64.decode($0.utf8) }
        let given = try #require(encodedSecret ?? vector["secret"]?.string.map { Array($0.utf8) })
        let encoded = try #require(vector["body_b64"]?.string)
        let body = try #require(Base64.decode(encoded.utf8))
        let now = Timestamp(unixSeconds: Int64(try #require(vector["now"]?.integer)))
        do {
            let text = String(decoding: given, as: UTF8.self)
            let isKey = ["whpk_", "whsk_"].contains(where: text.hasPrefix)
            let secret =
                scheme != .taskFlow
                ? try WebhookSecret(standardWebhooks: text)
                : isKey ? try WebhookSecret(text) : try WebhookSecret(bytes: given)
            let verifier = try WebhookVerifier(
                secret: secret, policy: scheme == .taskFlow ? .taskFlow : .timestamped(tolerance: .seconds(300)))
            let proof = try verifier.verify(body, headers: headers(of: vector), now: now)
            #expect(proof.proof.scheme == scheme)
            return nil
        } catch let error as SigningError {
            return error.code.rawValue
        } catch let error as VerificationError {
            #expect(error.suggestedStatus == 401)
            return error.code.rawValue
        }
    }

    /// Returns the headers of a vector; a value is a string, or an array of strings if the header is repeated.
    private func headers(of vector: JSONValue) -> HeaderFields {
        var headers: HeaderFields = [:]
        for member in vector["headers"]?.object?.members ?? [] {
            for value in member.value.array ?? [member.value] { headers.append(member.name, value.string ?? "") }
        }
        return headers
    }
}
