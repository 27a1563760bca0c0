import Foundation
import TestSupport
import Testing
import WebhookEvents
import WebhookPayload
import WebhookTesting

/// Tests of the documents in `Docs/Reference`; `UPDATE_FIXTURES=1 swift test --filter Reference` regenerates them.
@Suite("Reference documents")
struct ReferenceTests {
    static let folder = Fixture.url("../../Docs/Reference").standardizedFileURL

    /// Returns the expected content of every committed document, by path.
    static func documents() throws -> [String: JSONValue] {
        var documents = ["openapi.json": EventCatalogue.openAPI(), "asyncapi.json": EventCatalogue.asyncAPI()]
        for type in EventType.known {
            documents["schemas/\(type).json"] = EventCatalogue.schema(of: type)
            let sample = try #require(try SampleEvents.sample(of: type))
            documents["examples/\(type).json"] = try JSONValue(parsing: sample.bytes)
        }
        return documents
    }

    @Test("The committed documents match the types")
    func committed() throws {
        for (path, document) in try Self.documents() {
            let file = Self.folder.appending(path: path)
            if ProcessInfo.processInfo.environment["UPDATE_FIXTURES"] != nil {
                try FileManager.default.createDirectory(
                    at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(document.prettyPrinted()).write(to: file)
            }
            #expect(try Array(Data(contentsOf: file)) == document.prettyPrinted(), "\(path) is out of date")
        }
    }

    @Test("The encoder and the schema have the same members, in the same order")
    func members() throws {
        var story = SampleEvents(seed: 3)
        for event in try story.take(300) {
            let schema = try #require(EventCatalogue.schema(of: event.type))
            compare(try JSONValue(parsing: event.bytes), schema, "\(event.type)")
        }
    }

    private func compare(_ value: JSONValue, _ schema: JSONValue, _ path: String) {
        if let properties = schema["properties"]?.object, let object = value.object {
            let optional = properties.members.filter { $0.value["x-optional"] != nil }.map(\.name)
            let names = properties.members.map(\.name).filter { object[$0] != nil || !optional.contains($0) }
            #expect(object.members.map(\.name) == names, "\(path)")
            for member in properties.members {
                if let inner = object[member.name] { compare(inner, member.value, "\(path).\(member.name)") }
            }
        } else if let items = schema["items"], let elements = value.array {
            for element in elements { compare(element, items, "\(path)[]") }
        } else if let members = schema["additionalProperties"], let object = value.object {
            for member in object.members { compare(member.value, members, "\(path).*") }
        }
    }
}
