import Foundation
import TaskFlowWebhooks

/// The events of a file with one envelope per line, in the form that the product page documents.
struct Story {
    struct BadLine {
        let number: Int
        let reason: String
    }

    private(set) var events: [(line: Int, envelope: Envelope)] = []
    private(set) var badLines: [BadLine] = []

    /// Reads a file, and collects invalid lines with their number and reason instead of throwing.
    init(path: String) throws {
        let text = try Data(contentsOf: URL(fileURLWithPath: path))
        let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            let bytes = line.last == UInt8(ascii: "\r") ? [UInt8](line.dropLast()) : [UInt8](line)
            guard !bytes.allSatisfy({ $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }) else { continue }
            do {
                let envelope = try Envelope(parsing: bytes)
                _ = try envelope.event()
                events.append((index + 1, envelope))
            } catch {
                badLines.append(BadLine(number: index + 1, reason: error.description))
            }
        }
    }

    /// Removes an event that could not be published.
    mutating func leaveOut(line: Int, reason: String) {
        events.removeAll { $0.line == line }
        badLines.append(BadLine(number: line, reason: reason))
    }

    var accounts: [AccountID] { Set(events.map(\.envelope.metadata.accountID)).sorted() }
}
