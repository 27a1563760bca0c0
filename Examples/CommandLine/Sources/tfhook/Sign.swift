import ArgumentParser
import WebhookReceiving

/// Signs the exact bytes of a file.
struct Sign: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Sign the exact bytes of a file, and print the signature headers.",
        discussion: """
            EXAMPLES
              tfhook events example task.created > body.json
              tfhook sign body.json
              tfhook sign body.json --curl http://localhost:3000/webhooks/taskflow | sh
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case headers, json }

    @Argument(help: "The file with the body, or - for standard input.")
    var file: String

    @OptionGroup var secret: SecretOptions

    @Option(help: "Sign with one scheme only: \(SignatureScheme.allCases.map(\.rawValue).joined(separator: ", ")).")
    var scheme: SignatureScheme?

    @Option(help: "The webhook-id to sign (default: the id in the body).")
    var id: String?

    @Option(help: "The webhook-timestamp to sign, in Unix seconds (default: now).")
    var timestamp: Int64?

    @Option(help: "The format of the headers.")
    var output = Format.headers

    @Option(help: ArgumentHelp("Print a curl command that sends the file to this URL.", valueName: "url"))
    var curl: String?

    func run() throws {
        let body = try read(file)
        let headers = try headers(body)
        if let curl {
            guard file != "-" else { throw ValidationError("--curl needs a file, not standard input.") }
            print(command(curl, headers))
        } else if output == .json {
            var object = JSONValue.Members()
            for field in headers.lines { object[field.name] = .string(field.value) }
            print(String(decoding: JSONValue.object(object).encoded(), as: UTF8.self))
        } else {
            for field in headers.lines { print("\(field.name): \(field.value)") }
        }
    }

    private func headers(_ body: [UInt8]) throws -> HeaderFields {
        let key = try secret.secret(for: scheme)
        let isKey = key.kind == .signingKey
        let event = try? Envelope(parsing: body)
        guard let id = id.map({ EventID($0) }) ?? event?.id ?? EventID("evt_unnamed") else {
            throw ValidationError("--id must be 1 to 64 ASCII letters, digits and - _ : ~ @ + =.")
        }
        let now = moment(timestamp)
        var headers: HeaderFields = ["Content-Type": "application/json"]
        if let event { headers.append("X-TaskFlow-Event", event.type.rawValue) }
        for scheme in scheme.map({ [$0] }) ?? (isKey ? [.standardV1a] : [.taskFlow, .standardV1]) {
            let signature: String
            do { signature = try scheme.signature(of: body.span, id: id, at: now, with: key) } catch {
                throw ValidationError(error.description)
            }
            if scheme == .taskFlow {
                headers.append("X-TaskFlow-Signature", signature)
            } else {
                headers.append("webhook-id", id.rawValue)
                headers.append("webhook-timestamp", String(now.unixSeconds))
                headers.append("webhook-signature", signature)
            }
        }
        return headers
    }

    private func command(_ url: String, _ headers: HeaderFields) -> String {
        let options = headers.lines.map { "-H \(quoted("\($0.name): \($0.value)"))" }
        return (["curl -sS -X POST"] + options + ["--data-binary \(quoted("@\(file)"))", quoted(url)]).joined(
            separator: " \\\n  ")
    }

    private func quoted(_ text: String) -> String { "'\(text.replacing("'", with: "'\\''"))'" }
}
