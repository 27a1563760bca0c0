import ArgumentParser
import Foundation
import WebhookReceiving
import WebhookTesting

/// Shows the events that TaskFlow sends.
struct Events: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the event types, or show an example or the schema of one.",
        subcommands: [List.self, Example.self, SchemaCommand.self], defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the event types.")

        @Flag(help: "Print JSON.")
        var json = false

        func run() throws {
            let width = EventType.known.map(\.rawValue.count).max() ?? 0
            for type in EventType.known {
                let summary = EventCatalogue.summary(of: type) ?? ""
                if json {
                    let line: JSONValue = ["type": .string(type.rawValue), "summary": .string(summary)]
                    print(String(decoding: line.encoded(), as: UTF8.self))
                } else {
                    print(type.rawValue.padding(toLength: width + 2, withPad: " ", startingAt: 0) + summary)
                }
            }
        }
    }

    struct Example: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the exact bytes of a realistic event, as they would be sent.")

        @Argument(help: "The event type.", transform: knownType)
        var type: EventType

        @Option(help: "Selects an example; the same seed gives the same example.")
        var seed: UInt64 = 1

        @Flag(help: "Print it with line breaks, for reading; these are not the bytes that are sent.")
        var pretty = false

        func run() throws {
            guard let sample = try SampleEvents.sample(of: type, seed: seed) else { throw ExitCode.failure }
            let bytes = pretty ? try JSONValue(parsing: sample.bytes).prettyPrinted() : sample.bytes
            FileHandle.standardOutput.write(Data(bytes))
        }
    }

    struct SchemaCommand: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "schema", abstract: "Print the JSON Schema (2020-12) of an event type's envelope.")

        @Argument(help: "The event type.", transform: knownType)
        var type: EventType

        func run() throws {
            guard let schema = EventCatalogue.schema(of: type) else { throw ExitCode.failure }
            FileHandle.standardOutput.write(Data(schema.prettyPrinted()))
        }
    }
}

/// Parses a documented event type; the error for an unknown one suggests the most similar type.
@Sendable
private func knownType(_ text: String) throws -> EventType {
    if let type = EventType(text), type.isKnown { return type }
    let nearest = EventType.known.min { distance($0.rawValue, text) < distance($1.rawValue, text) }
    throw ValidationError("Unknown event type '\(text)'. Did you mean '\(nearest?.rawValue ?? "task.created")'?")
}

/// Returns the number of characters to change, add or remove (the Levenshtein distance).
private func distance(_ one: String, _ other: String) -> Int {
    let other = Array(other.utf8.prefix(64))
    var row = Array(0...other.count)
    for (index, character) in one.utf8.enumerated() {
        var diagonal = row[0]
        row[0] = index + 1
        for column in other.indices {
            let cost = diagonal + (character == other[column] ? 0 : 1)
            diagonal = row[column + 1]
            row[column + 1] = min(cost, row[column] + 1, diagonal + 1)
        }
    }
    return row[other.count]
}
