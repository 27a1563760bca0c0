import ArgumentParser
import Foundation
import WebhookReceiver

/// Standard error, for everything that is not data.
func complain(_ text: String) { FileHandle.standardError.write(Data("tfhook: \(text)\n".utf8)) }

/// Reads a whole file, or standard input for `-`.
func read(_ path: String) throws -> [UInt8] {
    do {
        if path == "-" { return Array(try FileHandle.standardInput.readToEnd() ?? Data()) }
        return Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    } catch {
        complain("cannot read \(path)")
        throw ExitCode.noInput
    }
}

/// Standard input line by line, each as soon as it is there.
struct Lines {
    /// The longest line that is read; a longer one is cut there, and is then no case.
    static let maximumLength = 64 << 20

    private var block: [UInt8] = []
    private var position = 0
    private var isAtEnd = false

    /// Whether the next line may have to be waited for.
    var isWaiting: Bool { !block[position...].contains(UInt8(ascii: "\n")) }

    mutating func next() -> [UInt8]? {
        var line: [UInt8] = []
        while true {
            let rest = block[position...]
            if let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                line += block[position..<end].prefix(Self.maximumLength - line.count)
                position = end + 1
                return line
            }
            line += rest.prefix(Self.maximumLength - line.count)
            if isAtEnd {
                position = block.count
                return line.isEmpty ? nil : line
            }
            // What is there now, not a full block: a program that writes one line waits for its answer.
            block = Array(FileHandle.standardInput.availableData)
            position = 0
            isAtEnd = block.isEmpty
        }
    }
}

/// Answers every line of standard input with one line of JSON, and fails at the end when one answer met a complaint.
func answerLines(_ answer: ([UInt8]) throws -> (JSONValue, complaint: String?)) throws {
    var unmet = 0
    var output = Data()
    var lines = Lines()
    func flush() {
        FileHandle.standardOutput.write(output)
        output.removeAll(keepingCapacity: true)
    }
    while let line = lines.next() {
        if line.allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }) { continue }
        let (verdict, complaint) = try answer(line)
        output.append(contentsOf: verdict.encoded() + [UInt8(ascii: "\n")])
        if output.count > 1 << 16 || lines.isWaiting { flush() }
        if let complaint {
            unmet += 1
            complain(complaint)
        }
    }
    flush()
    if unmet > 0 { throw ExitCode.unmet }
}

/// Where the secret comes from: never from the arguments, which every process on the machine can read.
struct SecretOptions: ParsableArguments {
    @Option(help: "The environment variable that holds the secret.")
    var secretEnv = "TASKFLOW_WEBHOOK_SECRET"

    @Option(help: "The file that holds the secret, instead of a variable; one newline at its end is ignored.")
    var secretFile: String?

    /// The secret as it was given.
    ///
    /// White space around it is mentioned on standard error, as it is nearly always a mistake.
    func secret(for scheme: SignatureScheme? = nil) throws -> WebhookSecret {
        let bytes = try bytes()
        do {
            return try Self.parse(bytes, for: scheme)
        } catch {
            guard error.code == .surroundingWhitespace, let secret = try? WebhookSecret(bytes: bytes) else {
                throw ValidationError(error.description)
            }
            complain("\(error.message), and is taken as it is")
            return secret
        }
    }

    private static func parse(_ bytes: [UInt8], for scheme: SignatureScheme?) throws(SigningError) -> WebhookSecret {
        if scheme ?? .taskFlow == .taskFlow, let text = String(validating: bytes, as: UTF8.self) {
            return try WebhookSecret(text)
        }
        return try WebhookSecret(given: bytes, for: scheme)
    }

    /// The bytes of the secret.
    private func bytes() throws -> [UInt8] {
        if let secretFile {
            var bytes = try read(secretFile)
            if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
            return bytes
        }
        guard let text = ProcessInfo.processInfo.environment[secretEnv] else {
            throw ValidationError(
                "Set \(secretEnv) to the secret, or name a variable or file: --secret-env, --secret-file.")
        }
        return Array(text.utf8)
    }
}

extension SignatureScheme: ExpressibleByArgument {}

extension WebhookSecret {
    /// Reads a secret as the scheme's own libraries do, exactly as it was given: no length and no white space is refused.
    init(given bytes: [UInt8], for scheme: SignatureScheme?) throws(SigningError) {
        let text = String(validating: bytes, as: UTF8.self)
        if let scheme, scheme != .taskFlow {
            // What is not UTF-8 is not base64 either, and refused as such.
            self = try WebhookSecret(standardWebhooks: text ?? String(decoding: bytes, as: UTF8.self))
        } else if let text, text.hasPrefix("whpk_") || text.hasPrefix("whsk_") {
            self = try WebhookSecret(text)
        } else {
            self = try WebhookSecret(bytes: bytes)
        }
    }
}

/// The time now, or what the command line says it is.
func moment(_ unixSeconds: Int64?) -> Timestamp { unixSeconds.map(Timestamp.init(unixSeconds:)) ?? SystemClock().now }
