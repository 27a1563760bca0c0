import Foundation
import WebhookReceiver
import WebhookTesting

/// Encoding and decoding a typed envelope of about 1 KB.
enum JSONBenchmark {
    static func run() throws {
        guard let envelope = try SampleEvents.sample(of: .taskUpdated) else { return }
        let bytes = envelope.bytes
        let event = try envelope.event()
        try measure("JSON encode 1 KB") {
            keep(try Envelope(event, id: envelope.id, timestamp: envelope.timestamp, metadata: envelope.metadata).bytes)
        }
        try measure("JSON decode 1 KB") { keep(try Envelope.decode(bytes)) }
        if let path = ProcessInfo.processInfo.environment["SAMPLE"] {
            try Data(bytes).write(to: URL(fileURLWithPath: path))
        }
    }
}
