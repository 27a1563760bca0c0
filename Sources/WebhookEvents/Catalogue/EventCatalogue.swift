/// The documented event types: what each means, and the JSON Schema of its envelope.
///
/// The documents made from it are committed under `Docs/Reference`; a test holds them against what the encoder writes.
public enum EventCatalogue {
    /// The version of the payload schemas.
    ///
    /// A new optional member is the same version, anything else is a new one.
    public static let schemaVersion = "1"

    /// What an event of a type means, in a sentence.
    ///
    /// - Parameter type: The type.
    /// - Returns: The sentence, or `nil` for a type that is not documented.
    public static func summary(of type: EventType) -> String? { entries[type]?.summary }

    /// The JSON Schema (2020-12) of the whole envelope of a type.
    ///
    /// - Parameter type: The type.
    /// - Returns: The schema, or `nil` for a type that is not documented.
    public static func schema(of type: EventType) -> JSONValue? {
        guard let entry = entries[type], let envelope = envelope(of: type) else { return nil }
        var schema: JSONMembers = [
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": .string("https://schemas.taskflow.example/webhooks/\(type)/\(schemaVersion).json"),
            "title": .string(type.rawValue),
        ]
        for member in envelope.members { schema[member.name] = member.value }
        schema["description"] = .string(entry.summary)
        return .object(schema)
    }

    /// The schema of an envelope, to be put into another document.
    static func envelope(of type: EventType) -> JSONMembers? {
        guard let entry = entries[type] else { return nil }
        return Schema.object(
            entry.summary,
            Schema.Members([
                "id": .identifier("Names the event: deduplicate on it."),
                "type": .constant(.string(type.rawValue), "What happened."),
                "timestamp": .moment("When it happened, in UTC and whole seconds."),
                "data": entry.data,
                "metadata": .metadata,
            ])
        ).json
    }

    private struct Entry {
        let summary: String
        let data: Schema
    }

    private static let entries: [EventType: Entry] = [
        .taskCreated: Entry(summary: "A new task was created.", data: .task),
        .taskUpdated: Entry(
            summary: "A task was modified: the task after the change, and what changed.", data: .taskUpdated),
        .taskDeleted: Entry(summary: "A task was deleted: which one, how, and what it was.", data: .taskDeleted),
        .taskCompleted: Entry(summary: "A task was marked complete.", data: .taskCompleted),
        .taskAssigned: Entry(summary: "A task was assigned to somebody, or taken from them.", data: .taskAssigned),
        .commentCreated: Entry(summary: "A comment was added to a task.", data: .commentCreated),
        .workflowTriggered: Entry(summary: "A workflow was executed.", data: .workflowTriggered),
    ]
}
