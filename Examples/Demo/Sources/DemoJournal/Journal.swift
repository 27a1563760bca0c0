import Foundation

/// What the consumer did, one JSON object a line: the host checks its own records against it.
package struct JournalEntry: Codable, Sendable {
    package enum Action: String, Codable, Sendable {
        /// A handler did its work for the event.
        case handled
        /// The event came again and was dropped.
        case duplicate
        /// The request was refused: no signature, or a wrong one.
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

/// Appends entries to a file.
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

    /// Reads all entries of a file.
    package static func read(path: String) throws -> [JournalEntry] {
        let text = try Data(contentsOf: URL(fileURLWithPath: path))
        return try text.split(separator: UInt8(ascii: "\n")).map {
            try JSONDecoder().decode(JournalEntry.self, from: $0)
        }
    }
}

/// A short name for some bytes (FNV-1a), so that the journal can say which bytes arrived.
package func fingerprint(_ bytes: [UInt8]) -> String {
    String(bytes.reduce(UInt64(0xCBF2_9CE4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }, radix: 16)
}
