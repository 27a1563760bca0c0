import Foundation
import Testing
import WebhookEvents

@Suite("WebhookIdentifier")
struct WebhookIdentifierTests {
    @Test(
        "Well-formed text is accepted unchanged",
        arguments: ["evt_xyz789", "a", "A-_:~@+=9", String(repeating: "x", count: 64)])
    func accepted(text: String) {
        #expect(EventID(text)?.rawValue == text)
    }

    @Test(
        "Dots, spaces, other alphabets and long text are rejected",
        arguments: ["", "evt.1", "evt 1", "evt\n", "évt", "evt/1", "\"", String(repeating: "x", count: 65), "e\u{301}"])
    func refused(text: String) {
        #expect(EventID(text) == nil)
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(EventID.self, from: JSONEncoder().encode(text))
        }
    }

    @Test("Identifiers sort by creation time, comparing bytes")
    func order() {
        let early = EventID(prefix: "evt_", now: Timestamp(unixSeconds: 1_000), entropy: .max)
        let late = EventID(prefix: "evt_", now: Timestamp(unixSeconds: 1_001), entropy: 0)
        #expect(early < late)
        #expect(EventID(early.rawValue) == early)
        #expect(early.rawValue.utf8.count == "evt_".utf8.count + 26)
    }
}

@Suite("EventType")
struct EventTypeTests {
    @Test("The documented types are known", arguments: EventType.known)
    func known(type: EventType) {
        #expect(type.isKnown)
        #expect(EventType(type.rawValue) == type)
    }

    @Test("An unknown type is accepted")
    func unknown() throws {
        let type = try #require(EventType("task.archived"))
        #expect(!type.isKnown)
    }

    @Test(
        "A malformed type is rejected",
        arguments: ["", ".", "task.", ".task", "task..created", "Task.created", "task created", "task.créated", "*"])
    func refused(text: String) {
        #expect(EventType(text) == nil)
    }
}

@Suite("EventPattern")
struct EventPatternTests {
    @Test(
        "A pattern matches only its types",
        arguments: [
            ("*", "task.created", true), ("*", "invoice.paid", true), ("task.*", "task.created", true),
            ("task.*", "comment.created", false), ("task.*", "taskforce.created", false),
            ("task.created", "task.created", true), ("task.created", "task.updated", false),
        ])
    func matching(pattern: String, type: String, matches: Bool) throws {
        #expect(try #require(EventPattern(pattern)).matches(#require(EventType(type))) == matches)
    }

    @Test(
        "A pattern that matches no documented type is rejected",
        arguments: ["", "tasks.created", "task", "task.", "ta*", "*.created", "invoice.*", "**", "task.*.x"])
    func refused(text: String) {
        #expect(EventPattern(text) == nil)
    }
}

@Suite("JSONValue")
struct JSONValueTests {
    @Test("A value survives a round trip through Foundation's coders")
    func codable() throws {
        let value: JSONValue = ["a": [1, "x", true, nil], "b": ["c": -7]]
        let copy = try JSONDecoder().decode(JSONValue.self, from: JSONEncoder().encode(value))
        guard case .object(let members) = copy else {
            Issue.record("not an object")
            return
        }
        let (array, object): (JSONValue, JSONValue) = ([1, "x", true, nil], ["c": -7])
        #expect(members["a"] == array)
        #expect(members["b"] == object)
    }

    @Test("Members keep their order and are replaced in place")
    func members() {
        var members: JSONValue.Members = ["b": 1, "a": 2, "b": 3]
        #expect(members.members.map(\.name) == ["b", "a"])
        #expect(members["b"] == 3)
        members["b"] = nil
        #expect(members.members.map(\.name) == ["a"])
    }

    @Test("Numbers keep their digits", arguments: ["9007199254740993", "1.10", "1e400", "-0"])
    func numbers(text: String) {
        #expect(JSONValue.Number(unchecked: text).text == text)
        #expect(JSONValue.Number(Double.nan) == nil)
        #expect(JSONValue.Number(unchecked: "1e400").double == nil)
    }

    @Test("Payloads survive a round trip through Foundation's coders")
    func payloadCodable() throws {
        let task = TaskObject(
            id: "task_1", title: "T", createdAt: Timestamp(unixSeconds: 1), updatedAt: Timestamp(unixSeconds: 2),
            url: "https://app.taskflow.example/tasks/task_1", customFields: ["environment": "production"])
        let payload = TaskCreated(task)
        #expect(try JSONDecoder().decode(TaskCreated.self, from: JSONEncoder().encode(payload)) == payload)
        #expect(TaskUpdated(payload.event) == nil)
    }
}
