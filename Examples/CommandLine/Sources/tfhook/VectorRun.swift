import ArgumentParser
import Foundation
import WebhookReceiving

/// Runs test vectors: reads one case per line, and prints one result per line.
struct VectorRun {
    let decodes: Bool

    private static let tolerance = Duration.seconds(300)

    func run() throws {
        try answerLines { line in
            let verdict = verdict(on: line)
            var complaint: String?
            if let expected = (try? JSONValue(parsing: line))?["expect"]?["valid"]?.bool,
                expected != verdict["valid"]?.bool
            {
                let name = verdict["name"]?.string ?? "?"
                complaint = "\(name): expected \(expected ? "a valid" : "an invalid") signature"
            }
            return (verdict, complaint)
        }
    }

    private func verdict(on line: [UInt8]) -> JSONValue {
        let vector: Vector
        do { vector = try Vector(line) } catch {
            return verdict(error.name, reason: "unreadable_case", message: error.message, body: nil)
        }
        do {
            let secret = try WebhookSecret(given: vector.secret, for: vector.scheme)
            let verifier = try WebhookVerifier(
                secret: secret,
                policy: vector.scheme == .taskFlow ? .taskFlow : .timestamped(tolerance: Self.tolerance))
            let proof = try verifier.verify(vector.body.span, headers: vector.headers, now: vector.now)
            guard proof.scheme == vector.scheme else {
                return verdict(
                    vector.name, reason: VerificationError.Code.noMatchingSignature.rawValue,
                    message: "The request was signed with \(proof.scheme.rawValue), not \(vector.scheme.rawValue)",
                    body: nil)
            }
            return verdict(vector.name, reason: nil, message: nil, body: vector.body)
        } catch let error as VerificationError {
            return verdict(
                vector.name, reason: error.code.rawValue, message: "\(error.header): \(error.message). \(error.hint)",
                body: nil)
        } catch let error as SigningError {
            return verdict(
                vector.name, reason: error.code.rawValue, message: "\(error.message). \(error.hint)", body: nil)
        } catch {
            return verdict(vector.name, reason: "unreadable_case", message: "\(error)", body: nil)
        }
    }

    /// Returns one line of output; `body` is `nil` if the signature is not valid.
    private func verdict(_ name: String?, reason: String?, message: String?, body: [UInt8]?) -> JSONValue {
        var object: JSONValue.Members = [
            "name": name.map(JSONValue.string) ?? .null, "valid": .bool(body != nil),
            "reason": reason.map(JSONValue.string) ?? .null,
        ]
        if let message { object["message"] = .string(message) }
        if decodes {
            let event = body.flatMap { try? Envelope.decode($0) }
            object["decoded"] = .bool(event != nil)
            object["event_type"] = event.map { .string($0.envelope.type.rawValue) } ?? .null
        }
        return .object(object)
    }
}

/// One test vector.
private struct Vector {
    struct Unreadable: Error {
        let name: String?
        let message: String
    }

    let name: String?
    let scheme: SignatureScheme
    let secret: [UInt8]
    let body: [UInt8]
    let headers: HeaderFields
    let now: Timestamp

    init(_ line: [UInt8]) throws(Unreadable) {
        let json: JSONValue
        do { json = try JSONValue(parsing: line) } catch {
            // A lenient parser may still find the name, which identifies the result.
            let object = try? JSONSerialization.jsonObject(with: Data(line)) as? [String: Any]
            throw Unreadable(name: object?["name"] as? String, message: error.description)
        }
        name = json["name"]?.string
        guard let scheme = json["scheme"]?.string.flatMap(SignatureScheme.init(rawValue:)) else {
            let schemes = SignatureScheme.allCases.map(\.rawValue).joined(separator: ", ")
            throw Unreadable(name: name, message: "scheme is not one of \(schemes)")
        }
        let encoded = json["secret_b64"]?.string.flatMap { Data(base64Encoded: $0) }.map(Array.init)
        guard let secret = encoded ?? json["secret"]?.string.map({ Array($0.utf8) }) else {
            throw Unreadable(name: name, message: "secret is not a string, and secret_b64 is not base64")
        }
        guard let body = json["body_b64"]?.string.flatMap({ Data(base64Encoded: $0) }) else {
            throw Unreadable(name: name, message: "body_b64 is not base64")
        }
        guard case .number(let now)? = json["now"], let seconds = now.double, abs(seconds) < 1e15 else {
            throw Unreadable(name: name, message: "now is not a number of seconds")
        }
        self.scheme = scheme
        self.secret = secret
        self.body = Array(body)
        self.now = Timestamp(unixSeconds: Int64(seconds.rounded(.down)))
        var headers = HeaderFields()
        for member in json["headers"]?.object?.members ?? [] {
            for value in member.value.array ?? [member.value] {
                switch value {
                case .string(let text): headers.append(member.name, text)
                case .number(let number): headers.append(member.name, number.text)
                default: throw Unreadable(name: name, message: "the header \(member.name) is not a string")
                }
            }
        }
        self.headers = headers
    }
}
