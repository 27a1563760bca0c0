import Foundation
import WebhookReceiving
import WebhookTesting

/// The inputs of the measurements in every language: the same bytes, written to files.
enum Inputs {
    static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    /// How many different events the receivers get.
    static let eventCount = 20_000

    /// An envelope of about 1 KB: `task.updated`, the largest of the common types.
    static func sample() throws -> Envelope? { try SampleEvents.sample(of: .taskUpdated) }

    /// The same event under different ids, so that none of them is a duplicate.
    static func events() throws -> [Envelope] {
        guard let sample = try sample() else { return [] }
        let event = try sample.event()
        return try (0..<eventCount).map { number in
            try Envelope(
                event, id: EventID(unchecked: "evt_\(1_000_000 + number)"), timestamp: sample.timestamp,
                metadata: sample.metadata)
        }
    }

    /// Writes requests as lines of id, timestamp, signature and body, tab-separated, signed with the current time.
    static func write(to folder: URL) throws {
        try Data(sample()?.bytes ?? []).write(to: folder.appending(path: "sample.json"))
        let (signer, now) = (try WebhookSigner(WebhookSecret(secret)), SystemClock().now)
        var lines = Data()
        for event in try events() {
            let signature = signer.standardSignature(of: event.bytes, id: event.id, at: now)
            lines += Data("\(event.id)\t\(now.unixSeconds)\t\(signature)\t".utf8) + Data(event.bytes) + Data("\n".utf8)
        }
        try lines.write(to: folder.appending(path: "requests.tsv"))
    }
}
