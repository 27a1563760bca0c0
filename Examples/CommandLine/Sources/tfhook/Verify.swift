import ArgumentParser
import WebhookReceiving

/// Verifies a request, or test vectors.
struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Verify a request, and explain a failure.",
        discussion: """
            With --jsonl, each line of standard input is one case: {"name", "scheme": "taskflow-sha256" | \
            "standard-v1" | "standard-v1a", "secret" (or "secret_b64"), "body_b64", "headers": {…}, "now": Unix \
            seconds}. A repeated header is an array. The secret is used exactly as it is given. Prints one line for \
            each case: {"name", "valid", "reason", "message"}. If a case has "expect": {"valid": …} and the result \
            differs, the exit code is 1.

            EXAMPLES
              tfhook verify body.json --signature sha256=9f…
              tfhook verify body.json --header 'webhook-id: evt_1' --header 'webhook-timestamp: 1707583522' \
            --header 'webhook-signature: v1,…'
              tfhook verify --jsonl < signature-vectors.jsonl
            """)

    enum Policy: String, ExpressibleByArgument, CaseIterable { case documented, timestamped, either }

    @Argument(help: "The file with the body, or - for standard input.")
    var file: String?

    @OptionGroup var secret: SecretOptions

    @Option(help: "The value of X-TaskFlow-Signature, or of webhook-signature if it begins with v1.")
    var signature: String?

    @Option(help: "The value of webhook-timestamp.")
    var timestamp: String?

    @Option(help: "The value of webhook-id.")
    var id: String?

    @Option(
        name: [.customLong("header"), .customShort("H")],
        help: "A header field of the request, as 'Name: value'; repeatable.")
    var header: [String] = []

    @Option(help: "The proof to require (default: according to the headers).")
    var policy: Policy?

    @Option(help: "The largest difference between the signed time and now, in seconds.")
    var tolerance: Int64 = 300

    @Option(help: "The current time in Unix seconds (default: the system clock).")
    var now: Int64?

    @Option(help: "A variable that holds another secret to try if verification fails; repeatable.")
    var oldSecretEnv: [String] = []

    @Flag(help: "Also decode the event.")
    var decode = false

    @Flag(help: "Read test vectors from standard input, one per line.")
    var jsonl = false

    func validate() throws {
        guard jsonl != (file != nil) else {
            throw ValidationError("Give either a file (- for standard input) or --jsonl.")
        }
        guard tolerance >= 0 else { throw ValidationError("--tolerance must not be negative.") }
    }

    func run() throws {
        if jsonl { return try VectorRun(decodes: decode).run() }
        let body = try read(file ?? "-")
        let headers = try headers()
        let policy = policy(for: headers)
        let verifier = try verifier(with: secret.secret(), policy: policy)
        let others = try oldSecretEnv.map { name in
            var options = SecretOptions()
            options.secretEnv = name
            options.secretFile = nil
            return try options.secret()
        }
        let explanation = verifier.explain(body, headers: headers, now: moment(now), otherSecrets: others)
        guard let error = explanation.error else {
            print("✓ the signature is valid (\(body.count) bytes)")
            if decode { try printEvent(body) }
            return
        }
        print("✗ \(error.message) (\(error.code.rawValue), \(error.header))")
        for finding in explanation.findings { print("  ✓ \(finding.message)\n    → \(finding.hint)") }
        if explanation.findings.isEmpty { print("  → \(error.hint)") }
        throw ExitCode.invalidSignature
    }

    private func verifier(with secret: WebhookSecret, policy: VerificationPolicy) throws -> WebhookVerifier {
        do { return try WebhookVerifier(secret: secret, policy: policy) } catch {
            throw ValidationError(error.description)
        }
    }

    private func headers() throws -> HeaderFields {
        var headers = HeaderFields()
        for line in header {
            guard let colon = line.firstIndex(of: ":") else {
                throw ValidationError("'\(line)' is not a header field. Write 'Name: value'.")
            }
            headers.append(String(line[..<colon]), String(line[line.index(after: colon)...]))
        }
        if let signature {
            let isList = signature.hasPrefix("v1")
            headers.append(isList ? HeaderName.standardSignature : HeaderName.signature, signature)
        }
        if let timestamp { headers.append(HeaderName.standardTimestamp, timestamp) }
        if let id { headers.append(HeaderName.standardID, id) }
        return headers
    }

    private func policy(for headers: HeaderFields) -> VerificationPolicy {
        let tolerance = Duration.seconds(tolerance)
        switch policy ?? (headers[HeaderName.standardSignature] == nil ? .documented : .timestamped) {
        case .documented: return .taskFlow
        case .timestamped: return .timestamped(tolerance: tolerance)
        case .either: return .either(tolerance: tolerance)
        }
    }

    private func printEvent(_ body: [UInt8]) throws {
        do {
            let (envelope, event) = try Envelope.decode(body)
            let known = envelope.type.isKnown ? "" : ", unknown type"
            print("  \(event.type) \(envelope.id) of \(envelope.metadata.accountID), \(envelope.timestamp)\(known)")
        } catch {
            print("  the body is not an event: \(error)")
            throw ExitCode.unmet
        }
    }
}
