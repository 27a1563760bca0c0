import Foundation
import WebhookReceiving

/// Measures encoding and decoding of a typed envelope of about 1 KB, and how the cost grows with the worst documents.
enum JSONBenchmark {
    static func run() throws {
        guard let envelope = try Inputs.sample() else { return }
        let (bytes, event) = (envelope.bytes, try envelope.event())
        try measure("JSON encode 1 KB") {
            keep(try Envelope(event, id: envelope.id, timestamp: envelope.timestamp, metadata: envelope.metadata).bytes)
        }
        try measure("JSON decode 1 KB") { keep(try Envelope.decode(bytes)) }
        let (encoder, decoder) = (JSONEncoder(), JSONDecoder())
        let peer = try decoder.decode(FoundationEnvelope.self, from: Data(bytes))
        try measure("JSON encode 1 KB", who: "Foundation") { keep(try encoder.encode(peer)) }
        try measure("JSON decode 1 KB", who: "Foundation") {
            keep(try decoder.decode(FoundationEnvelope.self, from: Data(bytes)))
        }
        growth()
    }

    /// Measures the time per byte for 5 MB and 10 MB of each kind: it is the same for a linear reader.
    ///
    /// Neither size fits a cache.
    private static func growth() {
        for (name, make) in worst {
            for (size, bytes) in [("5 MB", 5_000_000), ("10 MB", 10_000_000)] {
                let row = "JSON \(name), \(size), per byte"
                if let only = Settings.only, !row.contains(only) { continue }
                let document = Array(make(bytes).utf8)
                let times = (0..<5).map { _ in
                    ContinuousClock().measure { keep(try? JSONValue(parsing: document)) } / .nanoseconds(1)
                }
                report(row, median(times) / Double(document.count))
            }
        }
    }

    private static let worst: [(String, @Sendable (Int) -> String)] = [
        ("nesting", { "[" + Array(repeating: nest, count: $0 / (nest.utf8.count + 1)).joined(separator: ",") + "]" }),
        ("unclosed nesting", { String(repeating: "[", count: $0) }),
        ("names", { bytes in "{" + (0..<bytes / 14).map { "\"\(10_000_000 + $0)\":0" }.joined(separator: ",") + "}" }),
        (
            "names in escapes",
            { bytes in "{" + (0..<bytes / 20).map { "\"\\u0061\(10_000_000 + $0)\":0" }.joined(separator: ",") + "}" }
        ),
        ("escapes", { "\"" + String(repeating: "\\ud83d\\ude00", count: $0 / 12) + "\"" }),
        ("digits", { "0." + String(repeating: "9", count: $0) }),
    ]

    private static let nest = String(repeating: "[", count: 63) + String(repeating: "]", count: 63)
}

/// The same event for Foundation's coders, as a developer would write it by hand.
private struct FoundationEnvelope: Codable {
    struct Project: Codable { let id, name: String }
    struct Change: Codable {
        let from, to: JSONValue
        let added, removed: [JSONValue]?
    }
    struct Metadata: Codable {
        let account_id: String
        let triggered_by, schema_version, ordering_key: String?
        let sequence: Int?
        let source, request_id, causation_id: String?
    }
    struct Task: Codable {
        let id, title: String
        let description: String?
        let status, priority: String
        let project: Project?
        let parent_task_id: String?
        let labels: [String]
        let assignee_id, created_by, due_at: String?
        let estimate_minutes: Int?
        let completed_at, completed_by, created_at, updated_at: String?
        let version: Int
        let url: String
        let custom_fields: [String: String?]
        let changed_fields: [String]
        let changes: [String: Change]
    }

    let id, type, timestamp: String
    let data: Task
    let metadata: Metadata
}
