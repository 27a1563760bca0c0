import Foundation
import Testing
import WebhookEvents
import WebhookPayload
import WebhookTesting

@Suite("Envelope")
struct EnvelopeTests {
    static let account = EventMetadata(accountID: "acc_123", triggeredBy: "user_456")
    static let moment = Timestamp(unixSeconds: 1_707_583_522)

    /// The documented example of each type, one per line.
    static func documented() throws -> [[UInt8]] {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appending(path: "Fixtures/documented-events.jsonl")
        return try Data(contentsOf: file).split(separator: UInt8(ascii: "\n")).map { [UInt8]($0) }
    }

    @Test("Each documented example survives a round trip with the same bytes")
    func documentedExamples() throws {
        let examples = try Self.documented()
        var types: Set<EventType> = []
        for bytes in examples {
            let envelope = try Envelope(parsing: bytes)
            let event = try envelope.event()
            if case .unknown = event { Issue.record("\(envelope.type) has no Swift type") }
            let again = try Envelope(event, id: envelope.id, timestamp: envelope.timestamp, metadata: envelope.metadata)
            #expect(String(decoding: again.bytes, as: UTF8.self) == String(decoding: bytes, as: UTF8.self))
            types.insert(envelope.type)
        }
        #expect(types == Set(EventType.known))
    }

    @Test("The product page's example is decoded despite its omissions")
    func pageExample() throws {
        let text = """
            {
              "id": "evt_xyz789",
              "type": "task.created",
              "timestamp": "2024-02-10T16:45:22Z",
              "data": {"id": "task_abc123", "title": "Deploy to production", "status": "open", "priority": "high",
                       "created_at": "2024-02-10T16:45:22Z", "updated_at": "2024-02-10T16:45:22Z"},
              "metadata": {"account_id": "acc_123", "triggered_by": "user_456"}
            }
            """
        let envelope = try Envelope(parsing: Array(text.utf8))
        guard case .taskCreated(let payload) = try envelope.event() else {
            Issue.record("unexpected event type")
            return
        }
        #expect(payload.task.title == "Deploy to production")
        #expect(payload.task.priority == .high)
        #expect(envelope.metadata == EventMetadata(accountID: "acc_123", triggeredBy: "user_456", schemaVersion: nil))
    }

    @Test("Encoded data is used unchanged, including spaces")
    func splicing() throws {
        let data = Array(#"{ "id":"x",  "n": 1.0, "é":"\u00e9" }"#.utf8)
        let type = try #require(EventType("invoice.paid"))
        let envelope = try Envelope(
            type: type, data: data, id: "evt_1", timestamp: Self.moment, metadata: Self.account)
        #expect(Array(envelope.data) == data)
        let parsed = try Envelope(parsing: envelope.bytes)
        #expect(parsed == envelope)
        #expect(try parsed.event() == .unknown(UnknownEvent(type: type, data: data)))
    }

    @Test(
        "Encoded data that is not an object, or not of its type's shape, is rejected",
        arguments: ["", "[]", "1", "{", "{}x", "{\"id\":1}", "{\"id\":\"t\"}"])
    func refusedData(text: String) {
        #expect(throws: PayloadError.self) {
            try Envelope(
                type: .taskCreated, data: Array(text.utf8), id: "evt_1", timestamp: Self.moment, metadata: Self.account)
        }
    }

    @Test("Nesting in an envelope is limited so that every receiver can read it")
    func depth() throws {
        let type = try #require(EventType("deep.one"))
        for (depth, isAccepted) in [(62, true), (63, false)] {
            let data = "{\"a\":" + String(repeating: "[", count: depth) + String(repeating: "]", count: depth) + "}"
            let envelope = try? Envelope(
                type: type, data: Array(data.utf8), id: "evt_1", timestamp: Self.moment, metadata: Self.account)
            #expect((envelope != nil) == isAccepted)
            if let envelope { _ = try Envelope(parsing: envelope.bytes) }
        }
        var nested: JSONValue = 1
        for _ in 0..<70 { nested = .array([nested]) }
        let task = TaskObject(
            id: "t", title: "T", createdAt: Self.moment, updatedAt: Self.moment, url: "", customFields: ["a": nested])
        #expect(throws: PayloadError.self) {
            try Envelope(.taskCreated(TaskCreated(task)), id: "evt_1", timestamp: Self.moment, metadata: Self.account)
        }
    }

    @Test(
        "A body that is not an envelope is rejected with the location of the problem",
        arguments: [
            ("[]", ""), ("{}", "/id"), (#"{"id":1}"#, "/id"), (#"{"id":"a.b"}"#, "/id"), (#"{"id":"e"}"#, "/type"),
            (#"{"id":"e","type":"X"}"#, "/type"), (#"{"id":"e","type":"a","timestamp":"now"}"#, "/timestamp"),
            (#"{"id":"e","type":"a","timestamp":"2024-02-10T16:45:22Z"}"#, "/data"),
            (#"{"id":"e","type":"a","timestamp":"2024-02-10T16:45:22Z","data":[]}"#, "/data"),
            (#"{"id":"e","type":"a","timestamp":"2024-02-10T16:45:22Z","data":{}}"#, "/metadata"),
            (
                #"{"id":"e","type":"a","timestamp":"2024-02-10T16:45:22Z","data":{},"metadata":{}}"#,
                "/metadata/account_id"
            ),
            (Self.body(#""sequence":-5"#), "/metadata/sequence"), (Self.body(#""sequence":1.5"#), "/metadata/sequence"),
            (Self.body(#""sequence":"5""#), "/metadata/sequence"),
            (Self.body(#""ordering_key":"a\u0000b""#), "/metadata/ordering_key"),
            (
                Self.body(#""ordering_key":"\#(String(repeating: "k", count: 257))""#), "/metadata/ordering_key"
            ),
        ])
    func refusedBody(text: String, pointer: String) throws {
        let error = try #require(throws: PayloadError.self) { try Envelope(parsing: Array(text.utf8)) }
        #expect(error.pointer == pointer)
        #expect(!error.hint.isEmpty)
    }

    /// An envelope with an additional member in its metadata.
    private static func body(_ member: String) -> String {
        #"{"id":"e","type":"a","timestamp":"2024-02-10T16:45:22Z","data":{},"metadata":{"account_id":"acc_1",\#(member)}}"#
    }

    @Test("A sequence is read in any notation, and an ordering key up to its maximum length")
    func bounds() throws {
        for text in ["7", "7.0", "0.7e1"] {
            #expect(try Envelope(parsing: Array(Self.body("\"sequence\":\(text)").utf8)).metadata.sequence == 7)
        }
        let key = String(repeating: "k", count: EventMetadata.maximumOrderingKeyLength)
        #expect(try Envelope(parsing: Array(Self.body("\"ordering_key\":\"\(key)\"").utf8)).metadata.orderingKey == key)
        let event = TaskFlowEvent.unknown(
            UnknownEvent(type: try #require(EventType("task.archived")), data: Array("{}".utf8)))
        for (key, sequence) in [(key + "k", 1), ("a\u{0}b", 1), (key, -1)] as [(String, Int)] {
            let metadata = EventMetadata(accountID: "acc_1", orderingKey: key, sequence: sequence)
            #expect(throws: PayloadError.self) {
                try Envelope(event, id: "evt_1", timestamp: Self.moment, metadata: metadata)
            }
        }
        for version in [0, -1] {
            let task = TaskObject(
                id: "t", title: "T", createdAt: Self.moment, updatedAt: Self.moment, version: version, url: "")
            #expect(throws: PayloadError.self) {
                try Envelope(
                    .taskCreated(TaskCreated(task)), id: "evt_1", timestamp: Self.moment, metadata: Self.account)
            }
        }
    }

    @Test("A problem deep in the data is reported with its path")
    func deepFault() throws {
        let sample = try #require(try SampleEvents.sample(of: .taskAssigned))
        let text = String(decoding: sample.bytes, as: UTF8.self)
            .replacing(
                "\"assignment_history\":[{\"assignee_id\":\"", with: "\"assignment_history\":[{\"assignee_ix\":\"")
        let envelope = try Envelope(parsing: Array(text.utf8))
        let error = try #require(throws: PayloadError.self) { try envelope.event() }
        #expect(error.pointer == "/data/assignment_history/0/assignee_id")
    }

    // Source: the product page, "Webhook Payload", without its ellipsis.
    @Test("The shortest documented example is decoded")
    func shortestExample() throws {
        let text = """
            {"id": "evt_xyz789", "type": "task.created", "timestamp": "2024-02-10T16:45:22Z",
             "data": {"id": "task_abc123", "title": "Deploy to production", "status": "open", "priority": "high"},
             "metadata": {"account_id": "acc_123", "triggered_by": "user_456"}}
            """
        let (envelope, event) = try Envelope.decode(Array(text.utf8))
        #expect(envelope.bytes == Array(text.utf8))
        guard case .taskCreated(let payload) = event else {
            Issue.record("unexpected event type")
            return
        }
        #expect(payload.task.title == "Deploy to production")
        #expect(payload.task.createdAt == nil)
    }

    @Test("An envelope that no receiver could read is rejected")
    func unreadable() throws {
        let event = TaskFlowEvent.unknown(UnknownEvent(type: .taskCreated, data: Array("{}".utf8)))
        let shape = try #require(throws: PayloadError.self) {
            try Envelope(event, id: "evt_1", timestamp: Self.moment, metadata: Self.account)
        }
        #expect(shape.code == .missingField)
        #expect(shape.pointer == "/data/id")
        for year10000 in [Timestamp(unixSeconds: 253_402_300_800), Timestamp(microseconds: .max)] {
            #expect(throws: PayloadError.self) {
                try Envelope(
                    .unknown(UnknownEvent(type: #require(EventType("task.archived")), data: Array("{}".utf8))),
                    id: "evt_1", timestamp: year10000, metadata: Self.account)
            }
        }
    }

    @Test("Members in another order, unknown members and unknown enum values are accepted")
    func leniency() throws {
        let sample = try #require(try SampleEvents.sample(of: .taskCreated))
        guard case .object(let data) = try JSONValue(parsing: Array(sample.data)) else {
            Issue.record("unexpected event type")
            return
        }
        var shuffled = JSONValue.Members()
        shuffled["new_field"] = ["later": true]
        for member in data.members.reversed() { shuffled[member.name] = member.value }
        shuffled["status"] = "on_hold"
        var json = JSONWriter()
        json.members(shuffled)
        let envelope = try Envelope(
            type: .taskCreated, data: json.bytes, id: "evt_1", timestamp: Self.moment, metadata: Self.account)
        guard case .taskCreated(let payload) = try envelope.event() else {
            Issue.record("unexpected event type")
            return
        }
        #expect(payload.task.status.rawValue == "on_hold")
        #expect(!payload.task.status.isKnown)
    }
}

@Suite("HeaderFields")
struct HeaderFieldsTests {
    @Test("Names are case-insensitive for ASCII letters only")
    func names() {
        let fields: HeaderFields = ["X-TaskFlow-Event": "a", "x-taskflow-event": "b", "K": "k"]
        #expect(fields.values("X-TASKFLOW-EVENT") == ["a", "b"])
        #expect(fields["x-taskflow-event"] == "a")
        #expect(fields["\u{212A}"] == nil)
        #expect(fields["missing"] == nil)
        #expect(HeaderFields(["A": "1"])["a"] == "1")
        #expect(HeaderFields([("A", "1"), ("a", "2")]).values("A") == ["1", "2"])
    }
}
