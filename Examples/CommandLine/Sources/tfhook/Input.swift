import ArgumentParser
import Foundation
import WebhookReceiving

/// Writes to standard error everything that is not data.
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

/// The lines of standard input, each available as soon as it has arrived.
struct Lines {
    /// The maximum length of a line, in bytes; a longer line is cut off there and is then not a valid case.
    static let maximumLength = 64 << 20

    private var block: [UInt8] = []
    private var position = 0
    private var isAtEnd = false

    /// Whether reading the next line may block.
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
            // Read what is available, not a full block: the other program may wait for the answer to one line.
            block = Array(FileHandle.standardInput.availableData)
            position = 0
            isAtEnd = block.isEmpty
        }
    }
}

/// Answers each line of standard input with one line of JSON.
///
/// - Parameter answer: Returns the answer to a line, and a complaint if the line's expectation was not met.
/// - Throws: `ExitCode.unmet` at the end if there was a complaint; what `answer` throws.
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

/// The source of the secret: never an argument, because every process on the machine can read arguments.
struct SecretOptions: ParsableArguments {
    @Option(help: "The environment variable that holds the secret.")
    var secretEnv = "TASKFLOW_WEBHOOK_SECRET"

    @Option(help: "A file that holds the secret, instead of a variable; one trailing newline is ignored.")
    var secretFile: String?

    /// Returns the secret exactly as it was given.
    ///
    /// Warns on standard error about surrounding white space, because that is nearly always a mistake.
    func secret(for scheme: SignatureScheme? = nil) throws -> WebhookSecret {
        let bytes = try bytes()
        do {
            return try Self.parse(bytes, for: scheme)
        } catch {
            guard error.code == .surroundingWhitespace, let secret = try? WebhookSecret(bytes: bytes) else {
                throw ValidationError(error.description)
            }
            complain("warning: \(error.message); it is used unchanged")
            return secret
        }
    }

    private static func parse(_ bytes: [UInt8], for scheme: SignatureScheme?) throws(SigningError) -> WebhookSecret {
        if scheme ?? .taskFlow == .taskFlow, let text = String(validating: bytes, as: UTF8.self) {
            return try WebhookSecret(text)
        }
        return try WebhookSecret(given: bytes, for: scheme)
    }

    /// Returns the bytes of the secret.
    private func bytes() throws -> [UInt8] {
        if let secretFile {
            var bytes = try read(secretFile)
            if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
            return bytes
        }
        guard let text = ProcessInfo.processInfo.environment[secretEnv] else {
            throw ValidationError(
                "\(secretEnv) is not set. Set it to the secret, or use --secret-env or --secret-file.")
        }
        return Array(text.utf8)
    }
}

extension SignatureScheme: @retroactive ExpressibleByArgument {}

extension WebhookSecret {
    /// Parses a secret as the scheme's libraries do: exactly as it was given, with any length and any white space.
    init(given bytes: [UInt8], for scheme: SignatureScheme?) throws(SigningError) {
        let text = String(validating: bytes, as: UTF8.self)
        if let scheme, scheme != .taskFlow {
            // Bytes that are not UTF-8 are not base64 either, and are rejected as such.
            self = try WebhookSecret(standardWebhooks: text ?? String(decoding: bytes, as: UTF8.self))
        } else if let text, text.hasPrefix("whpk_") || text.hasPrefix("whsk_") {
            self = try WebhookSecret(text)
        } else {
            self = try WebhookSecret(bytes: bytes)
        }
    }
}

/// Returns the time that the command line specifies, or the current time.
func moment(_ unixSeconds: Int64?) -> Timestamp { unixSeconds.map(Timestamp.init(unixSeconds:)) ?? SystemClock().now }
