#if PostgreSQL
import TaskFlowWebhooks
import Testing
import WebhookPostgreSQL
import WebhookReceiving
import WebhookTesting

/// Publishing from SQL; `psql` represents a client in any language.
@Suite(
    "PostgresStore, publishing from SQL",
    .enabled(if: TestServer.isAvailable, "needs a server: bash Tests/run.sh starts one"))
struct PostgresOutboxTests {
    static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { byte in
            let text = String(byte, radix: 16)
            return text.count == 1 ? "0" + text : text
        }.joined()
    }

    @Test("An event commits or rolls back with the client's own work")
    func transaction() async throws {
        let database = try await TestDatabase()
        try await database.service.register(TestDatabase.registration, account: "acc_123")
        try database.psql("CREATE TABLE {schema}.tasks (id text)")
        let event = #"{"type":"task.archived","data":{"id":"task_1"},"metadata":{"account_id":"acc_123"}}"#
        let work = "INSERT INTO {schema}.tasks VALUES ('task_1'); SELECT {schema}.publish('\(event)');"
        try database.psql("BEGIN; \(work) ROLLBACK")
        #expect(try database.psql("SELECT count(*) FROM {schema}.tasks").output == "0")
        #expect(try await database.claim().isEmpty)
        try database.psql("BEGIN; \(work) COMMIT")
        #expect(try database.psql("SELECT count(*) FROM {schema}.tasks").output == "1")
        #expect(try await database.claim().count == 1)
    }

    @Test("Bytes are delivered unchanged to every subscribed webhook, and a repeat changes nothing")
    func readyBytes() async throws {
        let database = try await TestDatabase()
        for _ in 0..<2 { try await database.service.register(TestDatabase.registration, account: "acc_123") }
        var other = TestDatabase.registration
        other.events = [.commentCreated]
        try await database.service.register(other, account: "acc_123")
        var samples = SampleEvents(seed: 3)
        let envelopes = try samples.take(14)
        for envelope in envelopes {
            let hex = Self.hex(envelope.bytes)
            let first = try database.psql("SELECT {schema}.publish_bytes('\\x\(hex)'::bytea)")
            #expect(first.output.contains(#""duplicate": false"#), "\(first)")
            let again = try database.psql("SELECT {schema}.publish_bytes('\\x\(hex)'::bytea)->>'duplicate'")
            #expect(again.output == "true")
            // The library publishes the same event and gets the same receipt.
            let receipt = try await database.service.publish(envelope)
            #expect(receipt.isDuplicate)
            #expect(receipt.entries.count == 3)
        }
        let claimed = try await database.claim()
        let expected = envelopes.reduce(0) { $0 + ($1.type == .commentCreated ? 3 : 2) }
        #expect(claimed.count == expected)
        for claimed in claimed {
            #expect(claimed.body == envelopes.first { $0.id == claimed.delivery.eventID }?.bytes)
        }
    }

    @Test("An event from SQL equals the library's envelope: same members, same order, same resource")
    func sameEnvelope() async throws {
        let database = try await TestDatabase()
        try await database.service.register(TestDatabase.registration, account: "acc_123")
        var samples = SampleEvents(seed: 4)
        for envelope in try samples.take(7) {
            let text = String(decoding: envelope.bytes, as: UTF8.self).replacing("'", with: "''")
            let reply = try database.psql("SELECT {schema}.publish('\(text)'::jsonb)->>'event'")
            #expect(reply.output == envelope.id.rawValue, "\(reply.error)")
        }
        for claimed in try await database.claim() {
            let envelope = try Envelope(parsing: claimed.body)
            #expect(try envelope.event().type == envelope.type)
            #expect(envelope.metadata.orderingKey == (try envelope.event()).orderingKey)
            let members = String(decoding: claimed.body, as: UTF8.self)
            for (earlier, later) in zip(
                ["\"id\"", "\"type\"", "\"timestamp\""], ["\"type\"", "\"timestamp\"", "\"data\""])
            {
                let (first, second) = (members.ranges(of: earlier).first, members.ranges(of: later).first)
                #expect(try #require(first).lowerBound < #require(second).lowerBound)
            }
        }
    }

    @Test("An event without id and time gets them; its metadata is kept")
    func defaults() async throws {
        let database = try await TestDatabase()
        try await database.service.register(TestDatabase.registration, account: "acc_123")
        let event =
            #"{"type":"task.created","data":{"id":"task_9","title":"T","status":"open","priority":"low","created_at":"2024-02-10T16:45:22Z"},"#
            + #""metadata":{"account_id":"acc_123","triggered_by":"user_7","sequence":4}}"#
        try database.psql("SELECT {schema}.publish('\(event)'::jsonb)")
        let claimed = try #require(try await database.claim().first)
        let envelope = try Envelope(parsing: claimed.body)
        #expect(envelope.id.rawValue.hasPrefix("evt_"))
        #expect(envelope.metadata.triggeredBy == "user_7")
        #expect(envelope.metadata.sequence == 4)
        #expect(envelope.metadata.schemaVersion == "1")
        #expect(envelope.metadata.orderingKey == "task_9")
    }

    @Test(
        "Events that no receiver could read are rejected with a reason",
        arguments: [
            (#"{"type":"Task","data":{},"metadata":{"account_id":"acc_1"}}"#, "type must be"),
            (#"{"type":"task.created","metadata":{"account_id":"acc_1"}}"#, "data must be"),
            (#"{"type":"task.created","data":[],"metadata":{"account_id":"acc_1"}}"#, "data must be"),
            (#"{"type":"task.created","data":{}}"#, "metadata.account_id must be"),
            (#"{"type":"task.created","data":{},"metadata":{"account_id":"a b"}}"#, "metadata.account_id must be"),
            (#"{"id":"a.b","type":"task.created","data":{},"metadata":{"account_id":"acc_1"}}"#, "id must be"),
            (#"{"id":7,"type":"task.created","data":{},"metadata":{"account_id":"acc_1"}}"#, "id must be"),
            (
                #"{"type":"task.created","timestamp":"yesterday at noon","data":{},"metadata":{"account_id":"acc_1"}}"#,
                "timestamp"
            ),
            (
                #"{"type":"a","timestamp":"tomorrow","data":{},"metadata":{"account_id":"acc_1"}}"#,
                "timestamp must be a time in RFC 3339 format"
            ),
            (
                #"{"type":"a","timestamp":"2024-02-10T16:45:22","data":{},"metadata":{"account_id":"acc_1"}}"#,
                "timestamp must be a time in RFC 3339 format"
            ),
            (#"{"type":"task.created","data":{"id":7},"metadata":{"account_id":"acc_1"}}"#, "data.id must be a string"),
            (#"[1]"#, "must be JSON objects"),
            (#"null"#, "must be JSON objects"),
            (#"{"type":"a","data":{},"metadata":{"account_id":"acc_1","ordering_key":7}}"#, "ordering_key must be"),
            (
                #"{"type":"a","data":{},"metadata":{"account_id":"acc_1","ordering_key":"\#(String(repeating: "k", count: 257))"}}"#,
                "at most 256 bytes"
            ),
            (
                #"{"type":"a","data":{},"metadata":{"account_id":"acc_1","triggered_by":5}}"#,
                "metadata.triggered_by must be a string"
            ),
            (#"{"type":"a","data":{},"metadata":{"account_id":"acc_1","sequence":1.5}}"#, "metadata.sequence must be"),
            (#"{"type":"a","data":{},"metadata":{"account_id":"acc_1","sequence":"5"}}"#, "metadata.sequence must be"),
            (
                #"{"type":"a","timestamp":"0000-12-31T23:59:59Z","data":{},"metadata":{"account_id":"acc_1"}}"#,
                "the years 1 and 9999"
            ),
            (#"{"type":"a","data":{"n":1e400},"metadata":{"account_id":"acc_1"}}"#, "range of a double"),
        ])
    func refusals(event: String, complaint: String) async throws {
        let database = try await TestDatabase()
        let reply = try database.psql("SELECT {schema}.publish('\(event)'::jsonb)")
        #expect(reply.error.contains(complaint), "\(reply)")
        #expect(try await database.store.deliveryCounts(of: nil).accepted == 0)
    }

    static let metadata = #""metadata":{"account_id":"acc_1"}"#
    /// 65 levels, including the event and its data.
    static let deep = String(repeating: "[", count: 63) + String(repeating: "]", count: 63)

    /// Found by sending accepted events to a receiver, which rejected them with 400.
    @Test(
        "Bytes that receivers reject are rejected",
        arguments: [
            (#"{"data":{"a":\#(deep)},\#(metadata)}"#, "more than 64 levels"),
            (#"{"data":{"a":1e400},\#(metadata)}"#, "range of a double"),
            (#"{"data":{"a":[0,{"b":-1e309}]},\#(metadata)}"#, "range of a double"),
            (#"{"data":{"a":1,"a":2},\#(metadata)}"#, "contains a name twice"),
            (#"{"data":{"a":[{"b":1,"\u0062":1}]},\#(metadata)}"#, "contains a name twice"),
            (#"{"data":{},\#(metadata),\#(metadata)}"#, "contains a name twice"),
            (#"{"data":{},"metadata":{"account_id":"acc_1","sequence":"5"}}"#, "metadata.sequence must be"),
            (#"{"data":{},"metadata":{"account_id":"acc_1","sequence":15e-1}}"#, "metadata.sequence must be"),
            (#"{"data":{},"metadata":{"account_id":"acc_1","sequence":-5}}"#, "metadata.sequence must be"),
            (
                #"{"data":{},"metadata":{"account_id":"acc_1","sequence":9223372036854775808}}"#,
                "metadata.sequence must be"
            ),
            (
                #"{"data":{},"metadata":{"account_id":"acc_1","ordering_key":"\#(String(repeating: "k", count: 257))"}}"#,
                "at most 256 bytes"
            ),
            (#"{"timestamp":"2024-06-15T12:30:60Z","data":{},\#(metadata)}"#, "timestamp must be"),
            (#"{"timestamp":"2024-06-30T23:59:60+01:00","data":{},\#(metadata)}"#, "timestamp must be"),
            (#"{"timestamp":"2024-02-10T24:00:00Z","data":{},\#(metadata)}"#, "timestamp must be"),
            (#"{"timestamp":"2024-02-10T23:60:00Z","data":{},\#(metadata)}"#, "timestamp must be"),
            (#"{"timestamp":"2024-02-10T23:59:00+24:00","data":{},\#(metadata)}"#, "timestamp must be"),
        ])
    func refusedByReceivers(members: String, complaint: String) async throws {
        let database = try await TestDatabase()
        let time = members.contains("timestamp") ? "" : #""timestamp":"2024-02-10T16:45:22Z","#
        let event = #"{"id":"evt_1","type":"a",\#(time)"# + members.dropFirst()
        #expect(throws: PayloadError.self) { try Envelope(parsing: Array(event.utf8)) }
        let reply = try database.psql("SELECT {schema}.publish_bytes('\\x\(Self.hex(Array(event.utf8)))'::bytea)")
        #expect(reply.error.contains(complaint), "\(reply)")
        #expect(try await database.store.deliveryCounts(of: nil).accepted == 0)
    }

    @Test("The deepest nesting and the largest numbers that receivers accept are published")
    func largest() async throws {
        let database = try await TestDatabase()
        let deepest = String(repeating: "[", count: 62) + String(repeating: "]", count: 62)
        let event =
            #"{"id":"evt_1","type":"a","timestamp":"2024-02-10T16:45:22Z","#
            + #""data":{"a":\#(deepest),"b":-1.7976931348623157e308},"metadata":{"account_id":"acc_1","sequence":0.7e1}}"#
        #expect(try Envelope(parsing: Array(event.utf8)).metadata.sequence == 7)
        let reply = try database.psql("SELECT {schema}.publish_bytes('\\x\(Self.hex(Array(event.utf8)))'::bytea)")
        #expect(reply.error == "")
    }

    @Test(
        "SQL takes the same trace contexts as the library, and publishes without one that is not valid",
        arguments: [
            ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "rojo=1,a= b"),
            ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", ""),
            ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "a=é"),
            ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "a\tb"),
            ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", String(repeating: "x", count: 512)),
            ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", String(repeating: "x", count: 513)),
            ("fe-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-ff", "a"),
            ("ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "a"),
            ("00-00000000000000000000000000000000-b7ad6b7169203331-01", "a"),
            ("00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01", "a"),
            ("00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "a"),
            ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-00", "a"), ("", ""),
        ])
    func traceContexts(parent: String, state: String) async throws {
        let database = try await TestDatabase()
        try await database.service.register(TestDatabase.registration, account: "acc_123")
        let event =
            #"{"type":"a","data":{},"traceparent":"\#(parent)","tracestate":"\#(state.replacing("\t", with: "\\t"))","#
        let reply = try database.psql(
            "SELECT {schema}.publish('\(event)\"metadata\":{\"account_id\":\"acc_123\"}}'::jsonb)")
        #expect(reply.error == "")
        let expected = EventPublication.TraceContext(traceparent: parent, tracestate: state)
        #expect(try await database.claim().map(\.trace) == [expected])
    }

    @Test("Invalid JSON, too many bytes, and another event with the same id are rejected")
    func refusedBytes() async throws {
        let database = try await TestDatabase()
        #expect(
            try database.psql("SELECT {schema}.publish_bytes('\\xff00'::bytea)").error.contains("not valid JSON"))
        let never =
            #"{"id":"evt_1","type":"a","timestamp":"2024-02-30T00:00:00Z","data":{},"metadata":{"account_id":"acc_1"}}"#
        let refused = try database.psql("SELECT {schema}.publish_bytes(convert_to('\(never)', 'UTF8'))")
        #expect(refused.error.contains("timestamp must be an existing time"))
        let long = "convert_to(repeat('x', 10000001), 'UTF8')"
        #expect(try database.psql("SELECT {schema}.publish_bytes(\(long))").error.contains("the limit is 10000000"))
        let event = #"{"id":"evt_1","type":"a","data":{"n":1},"metadata":{"account_id":"acc_1"}}"#
        try database.psql("SELECT {schema}.publish('\(event)'::jsonb)")
        let other = try database.psql("SELECT {schema}.publish('\(event.replacing("1}", with: "2}"))'::jsonb)")
        #expect(other.error.contains("another event has the id evt_1"))
    }

    @Test("The publisher role can only publish; the viewer role cannot publish")
    func roles() async throws {
        let database = try await TestDatabase()
        try await database.service.register(TestDatabase.registration, account: "acc_123")
        try await PostgresDeduplication.migrate(database.configuration)
        #expect(try database.makeRoles() == "")
        let event = #"{"type":"a","data":{},"metadata":{"account_id":"acc_123"}}"#
        let publish = "SELECT {schema}.publish('\(event)'::jsonb)"
        #expect(try database.psql(publish, role: "taskflow_publisher").error == "")
        for table in ["events", "webhooks", "queue"] {
            let sql = "SELECT * FROM {schema}.\(table)"
            #expect(try database.psql(sql, role: "taskflow_publisher").error.contains("permission denied"))
        }
        #expect(try database.psql(publish, role: "taskflow_viewer").error.contains("permission denied"))
        // A worker runs a complete dispatcher, and cannot change the tables.
        var configuration = database.configuration
        configuration.connection += " options='-c role=taskflow_worker'"
        let store = try PostgresStore(configuration)
        let claimed = try #require(try await store.claim(ClaimRequest(count: 10)).deliveries.first)
        try await store.release([Release(claimed.lease)])
        #expect(try await store.deliveryCounts(of: nil).open == 1)
        try await store.maintain(keeping: .seconds(86_400))
        #expect(try database.psql("DROP TABLE {schema}.queue", role: "taskflow_worker").error.contains("must be owner"))
        for function in ["forget_keys", "drop_partition"] {
            let others = function == "forget_keys" ? ", '', ''" : ""
            let injected = "SELECT {schema}.\(function)('default; DROP TABLE {schema}.queue'\(others))"
            #expect(try database.psql(injected, role: "taskflow_worker").error.contains("is not a day"))
        }

        // A consumer has its deduplication store, and cannot read the sender's tables.
        configuration.connection = database.configuration.connection + " options='-c role=taskflow_consumer'"
        let memory = try PostgresDeduplication(configuration)
        let now = SystemClock().now
        for key in ["evt_1", "evt_2"] {
            let key = DeduplicationKey(accountID: "acc_123", eventID: EventID(unchecked: key))
            guard case .claimed(let claim) = try await memory.claim(key, now: now, until: now + .seconds(60)) else {
                Issue.record("not claimed")
                return
            }
            if key.eventID == "evt_1" { try await memory.commit(claim, keepUntil: now + .seconds(60)) }
            if key.eventID == "evt_2" { try await memory.release(claim) }
        }
        let sql = "SELECT * FROM {schema}.events"
        #expect(try database.psql(sql, role: "taskflow_consumer").error.contains("permission denied"))
    }

    @Test("An event whose key alone is left is new again")
    func orphans() async throws {
        let database = try await TestDatabase()
        try await database.service.register(TestDatabase.registration, account: "acc_123")
        let event = #"{"id":"evt_1","type":"a","data":{},"metadata":{"account_id":"acc_123"}}"#
        let publish = "SELECT {schema}.publish('\(event)')->>'duplicate'"
        #expect(try database.psql(publish).output == "false")
        try database.psql("DELETE FROM {schema}.events; DELETE FROM {schema}.queue; DELETE FROM {schema}.arrivals")
        #expect(try database.psql(publish).output == "false")
        #expect(try await database.claim().count == 1)
    }

    @Test(
        "Publishers take turns only near the backlog's bound; a full backlog makes no publisher wait",
        arguments: [("0", "0", "1"), ("99000", "1", "1"), ("100000", "0", "0")])
    func turns(open: String, locks: String, deliveries: String) async throws {
        let database = try await TestDatabase()
        try await database.service.register(TestDatabase.registration, account: "acc_123")
        try database.psql("UPDATE {schema}.webhook_progress SET open = \(open)")
        let event = #"{"type":"a","data":{},"metadata":{"account_id":"acc_123"}}"#
        let reply = try database.psql(
            """
            BEGIN;
            SELECT {schema}.publish('\(event)') #>> '{entries,0,skipped}' IS NULL;
            SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid();
            COMMIT
            """)
        // psql prints the last result of several statements in one string.
        #expect(reply.error == "")
        #expect(reply.output.hasSuffix(locks))
        #expect(try database.psql("SELECT count(*) FROM {schema}.queue").output == deliveries)
    }

    @Test("A client's commit wakes the workers, even when its account was busy meanwhile")
    func wakes() async throws {
        let database = try await TestDatabase()
        try await database.service.register(TestDatabase.registration, account: "acc_123")
        let event = #"{"type":"a","data":{},"metadata":{"account_id":"acc_123"}}"#
        let reply = try database.psql(
            """
            LISTEN {schema};
            UPDATE {schema}.accounts SET due_at = now();
            SELECT {schema}.publish('\(event)')
            """)
        #expect(reply.output.contains("Asynchronous notification"))
    }
}
#endif
