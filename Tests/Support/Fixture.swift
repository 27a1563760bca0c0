public import Foundation
public import WebhookEvents
internal import WebhookPayload

/// The files of `Tests/Fixtures`, which suites in other languages read as well.
public enum Fixture {
    /// Returns the URL of a fixture file.
    public static func url(_ name: String, source: String = #filePath) -> URL {
        URL(fileURLWithPath: source).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Fixtures/\(name)")
    }

    /// Returns the values of a file with one JSON object per line.
    public static func lines(_ name: String) throws -> [JSONValue] {
        try Data(contentsOf: url(name)).split(separator: UInt8(ascii: "\n")).map { try JSONValue(parsing: Array($0)) }
    }

    /// Returns the body of a line, which is stored as text if it is valid UTF-8, and as base64 otherwise.
    public static func body(of line: JSONValue) -> [UInt8] {
        if let text = line["body"]?.string { return Array(text.utf8) }
        return line["body_b64"]?.string.flatMap { Data(base64Encoded: $0) }.map(Array.init) ?? []
    }
}
