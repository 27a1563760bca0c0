/// The documented event types, with a summary and the JSON Schema of the envelope for each.
///
/// The generated documents are committed in `Docs/Reference`; a test compares them with the output of the encoder.
public enum EventCatalogue {
    /// The version of the payload schemas.
    ///
    /// A new optional member keeps the version; any other change needs a new one.
    public static let schemaVersion = "1"

    /// Returns a one-sentence summary of an event type.
    ///
    /// - Parameter type: The event type.
    /// - Returns: The summary, or `nil` if the type is not documented.
    public static func summary(of type: EventType) -> String? { entries[type]?.summary }

    /// Returns the JSON Schema (2020-12) of the envelope of an event type.
    ///
    /// - Parameter type: The event type.
    /// - Returns: The schema, or `nil` if the type is not documented.
    public static func schema(of type: EventType) -> JSONValue? {
        guard let entry = entries[type], let envelope = envelope(of: type) else { return nil }
        var schema: JSONValue.Members = [
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": .string("https://schemas.taskflow.example/webhooks/\(type)/\(schemaVersion).json"),
            "title": .string(type.rawValue),
        ]
        for member in envelope.members { schema[member.name] = member.value }
        schema["description"] = .string(entry.summary)
        return .object(schema)
    }

    /// Returns the schema of an envelope, for embedding in another document.
    static func envelope(of type: EventType) -> JSONValue.Members? {
        guard let entry = entries[type] else { return nil }
        return Schema.object(
            entry.summary,
            Schema.Members([
                "id": .identifier("The identifier of the event. Use it as the idempotency key."),
                "type": .constant(.string(type.rawValue), "The type of the event."),
                "timestamp": .moment("The time of the event, in UTC and whole seconds."),
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
            summary: "A task was modified. The payload contains the new state and the changes.", data: .taskUpdated),
        .taskDeleted: Entry(
            summary: "A task was deleted. The payload contains its last state and the details.", data: .taskDeleted),
        .taskCompleted: Entry(summary: "A task was marked complete.", data: .taskCompleted),
        .taskAssigned: Entry(summary: "A task was assigned, reassigned or unassigned.", data: .taskAssigned),
        .commentCreated: Entry(summary: "A comment was added to a task.", data: .commentCreated),
        .workflowTriggered: Entry(summary: "A workflow was executed.", data: .workflowTriggered),
    ]
}
