import Foundation

/// One action of the consumer, written as one line of JSON; the host compares the journal with its own records.
package struct JournalEntry: Codable, Sendable {
    package enum Action: String, Codable, Sendable {
        /// A handler processed the event.
        case handled
        /// The event arrived again and was dropped.
        case duplicate
        /// The request was refused: its signature was missing or wrong.
        case refused
        /// The consumer misbehaved on purpose.
        case fault
    }

    package let app: String
    package let action: Action
    package let event: String
    package let detail: String

    package init(app: String, action: Action, event: String, detail: String) {
        self.app = app
        self.action = action
        self.event = event
        self.detail = detail
    }
}

/// A journal file.
package actor Journal {
    private let file: FileHandle

    package init(path: String) throws {
        let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT, 0o644)
        guard descriptor >= 0 else { throw CocoaError(.fileWriteUnknown) }
        self.file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    package func append(_ entry: JournalEntry) throws {
        try file.write(contentsOf: JSONEncoder().encode(entry) + [UInt8(ascii: "\n")])
    }

    /// Returns all entries of a file.
    package static func read(path: String) throws -> [JournalEntry] {
        let text = try Data(contentsOf: URL(fileURLWithPath: path))
        return try text.split(separator: UInt8(ascii: "\n")).map {
            try JSONDecoder().decode(JournalEntry.self, from: $0)
        }
    }
}

/// Returns a fingerprint of bytes (FNV-1a), with which the journal records which bytes arrived.
package func fingerprint(_ bytes: [UInt8]) -> String {
    String(bytes.reduce(UInt64(0xCBF2_9CE4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }, radix: 16)
}
