import ArgumentParser
import WebhookReceiver

/// Verifies a request, or a file of test vectors.
struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Verify a request, and say why when it does not verify.",
        discussion: """
            With --jsonl every line of standard input is one case: {"name", "scheme": "taskflow-sha256" | "standard-v1" | \
            "standard-v1a", "secret" (or "secret_b64"), "body_b64", "headers": {…}, "now": Unix seconds}; a repeated header has an array. \
            The secret is taken exactly as it is given. Every line gives one line: {"name", "valid", "reason", "message"}. Where a case has "expect": {"valid": …}, \
            the exit code is 1 when one was not met.

            EXAMPLES
              tfhook verify body.json --signature sha256=9f…
              tfhook verify body.json --header 'webhook-id: evt_1' --header 'webhook-timestamp: 1707583522' \
            --header 'webhook-signature: v1,…'
              tfhook verify --jsonl < signature-vectors.jsonl
            """)

    enum Policy: String, ExpressibleByArgument, CaseIterable { case documented, timestamped, either }

    @Argument(help: "The body, or - for standard input.")
    var file: String?

    @OptionGroup var secret: SecretOptions

    @Option(help: "The value of X-TaskFlow-Signature, or of webhook-signature when it begins with v1.")
    var signature: String?

    @Option(help: "The value of webhook-timestamp.")
    var timestamp: String?

    @Option(help: "The value of webhook-id.")
    var id: String?

    @Option(
        name: [.customLong("header"), .customShort("H")], help: "A header of the request, 'Name: value'; repeatable.")
    var header: [String] = []

    @Option(help: "Which proof to demand; found out from the headers without it.")
    var policy: Policy?

    @Option(help: "How many seconds a signed time may lie from now, both ways.")
    var tolerance: Int64 = 300

    @Option(help: "The time now in Unix seconds, instead of the machine's.")
    var now: Int64?

    @Option(help: "Variables that hold other secrets to try when explaining; repeatable.")
    var oldSecretEnv: [String] = []

    @Flag(help: "Decode the event as well.")
    var decode = false

    @Flag(help: "Read test vectors from standard input, one a line.")
    var jsonl = false

    func validate() throws {
        guard jsonl != (file != nil) else { throw ValidationError("Name a file, or - for standard input, or --jsonl.") }
        guard tolerance >= 0 else { throw ValidationError("A tolerance is not below 0.") }
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
                throw ValidationError("'\(line)' is no header: write 'Name: value'.")
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
        case .documented: return .documented
        case .timestamped: return .timestamped(tolerance: tolerance)
        case .either: return .either(tolerance: tolerance)
        }
    }

    private func printEvent(_ body: [UInt8]) throws {
        do {
            let (envelope, event) = try Envelope.decode(body)
            let known = envelope.type.isKnown ? "" : ", a type that this version does not know"
            print("  \(event.type) \(envelope.id) of \(envelope.metadata.accountID), \(envelope.timestamp)\(known)")
        } catch {
            print("  the body is no event: \(error)")
            throw ExitCode.unmet
        }
    }
}
