#if PostgreSQL
import Foundation
import Synchronization
import TaskFlowWebhooks
import Testing
import WebhookPostgreSQL
import WebhookTesting
import WebhookConformance

@Suite("PostgresStore", .enabled(if: TestServer.isAvailable, "needs a server: bash Tests/run.sh starts one"))
struct PostgresStoreTests {
    @Test("Conformance", .serialized, arguments: StoreConformance.cases)
    func conformance(_ example: StoreConformance.Case) async throws {
        let configuration = TestServer.configuration()
        try await PostgresStore.migrate(configuration)
        try await example.run { clock in try PostgresStore(configuration, clock: clock) }
    }

    @Test("Migrations may run from many workers at once, and do not change tables of a later version")
    func migrations() async throws {
        let configuration = TestServer.configuration()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 { group.addTask { @concurrent in try await PostgresStore.migrate(configuration) } }
            try await group.waitForAll()
        }
        let database = try await TestDatabase()
        try database.psql("INSERT INTO {schema}.schema_versions VALUES ('store', 1000)")
        await #expect(throws: PostgresError.self) { try await PostgresStore.migrate(database.configuration) }
        let store = try PostgresStore(database.configuration)
        let error = await #expect(throws: PostgresError.self) { try await store.deliveryCounts(of: nil) }
        #expect(error?.code == .schemaMismatch)
    }

    @Test(
        "An invalid configuration is an error with a hint",
        arguments: [
            ("host=/nowhere", "taskflow_webhooks", PostgresError.Code.unavailable),
            (TestServer.connection ?? "", "not_there", .refused),
            (TestServer.connection ?? "", "Robert'); DROP TABLE students;--", .invalidConfiguration),
            (TestServer.connection ?? "", "pg_catalog", .invalidConfiguration),
            ("this is no connection string", "taskflow_webhooks", .unavailable),
        ])
    func configurations(connection: String, schema: String, code: PostgresError.Code) async throws {
        var configuration = PostgresConfiguration(connection: connection)
        configuration.schema = schema
        let use = { [configuration] () async throws -> DeliveryCounts in
            try await PostgresStore(configuration).deliveryCounts(of: nil)
        }
        let error = await #expect(throws: PostgresError.self) { _ = try await use() }
        #expect(error?.code == code)
        #expect(error?.hint.isEmpty == false)
    }

    @Test(
        "Secrets and custom header fields are sealed in the tables, and do not open without the key or in another row")
    func sealing() async throws {
        let key = try AESGCMSealing.Key(id: "k1", bytes: Array(repeating: 7, count: 32))
        let database = try await TestDatabase(sealing: AESGCMSealing(key: key, random: SeededRandomSource(seed: 1)))
        var registration = TestDatabase.registration
        registration.headers = try CustomHeaders(["Authorization": "Bearer of-the-host"])
        let registered = try await database.service.register(registration, account: "acc_123")
        let id = registered.webhook.id
        let read = try #require(try await database.store.webhook(id, account: "acc_123"))
        #expect(read.secrets.current.reveal() == registered.secret.reveal())
        #expect(read.webhook.headers == registered.webhook.headers)
        let columns = "convert_from(secrets, 'LATIN1') || convert_from(headers, 'LATIN1')"
        let stored = try database.psql("SELECT encode(secrets || headers, 'escape') FROM {schema}.webhooks").output
        #expect(!stored.contains(registered.secret.reveal()) && !stored.contains("of-the-host"), "\(columns)")
        let other = try AESGCMSealing.Key(id: "k2", bytes: Array(repeating: 8, count: 32))
        let changed = try PostgresStore(
            database.configuration,
            sealing: AESGCMSealing(key: other, previous: [key], random: SeededRandomSource(seed: 2)))
        #expect(try await changed.reseal() == 1)
        await #expect(throws: DeliveryError.self) { try await database.store.webhook(id, account: "acc_123") }
        #expect(
            try await changed.webhook(id, account: "acc_123")?.secrets.current.reveal() == registered.secret.reveal())
        let blind = try PostgresStore(database.configuration)
        await #expect(throws: DeliveryError.self) { try await blind.webhook(id, account: "acc_123") }
        for table in ["webhooks SET id", "webhook_progress SET webhook"] {
            try database.psql("UPDATE {schema}.\(table) = 'wh_thief'")
        }
        await #expect(throws: DeliveryError.self) { try await changed.webhook("wh_thief", account: "acc_123") }
    }

    @Test(
        "An unreadable row is set aside, and holds up no other delivery",
        arguments: [
            "UPDATE {schema}.queue SET created_by = 'later' WHERE sequence = (SELECT min(sequence) FROM {schema}.queue)",
            "DELETE FROM {schema}.events WHERE id = (SELECT event FROM {schema}.queue ORDER BY sequence LIMIT 1)",
        ])
    func unreadable(damage: String) async throws {
        let database = try await TestDatabase()
        try await database.service.register(TestDatabase.registration, account: "acc_123")
        var samples = SampleEvents(seed: 1)
        for envelope in try samples.take(3) { try await database.service.publish(envelope) }
        try database.psql(damage)
        var claimed = 0
        for _ in 0..<4 { claimed += try await database.store.claim(ClaimRequest(count: 1)).deliveries.count }
        #expect(claimed == 2)
        #expect(try database.psql("SELECT count(*) FROM {schema}.queue WHERE hold = 'unreadable'").output == "1")
        let wait = try #require(try await database.store.claim(ClaimRequest(count: 1)).nextDueIn)
        #expect(wait > .seconds(10))

        let isMended = damage.hasPrefix("UPDATE")
        // Queries still return the other rows. A process that can read the row claims it again.
        #expect(try await database.store.deliveries(Delivery.Query(accountID: "acc_123")).count == (isMended ? 2 : 3))
        try database.psql("UPDATE {schema}.queue SET created_by = 'event'")
        try database.psql(
            "UPDATE {schema}.queue SET created_by = 'later' WHERE id = (SELECT max(id) FROM {schema}.queue)")
        let page = try await database.store.deliveries(Delivery.Query(accountID: "acc_123", limit: 2))
        #expect(page.count == 2)
        try database.psql("UPDATE {schema}.queue SET created_by = 'event'")
        let later = try PostgresStore(database.configuration)
        #expect(try await later.claim(ClaimRequest(count: 10)).deliveries.count == (isMended ? 1 : 0))
        // It ends with its webhook, readable or not.
        try database.psql("UPDATE {schema}.queue SET created_by = 'later', hold = 'unreadable'")
        let id = try #require(try await database.service.webhooks(of: "acc_123").first).id
        #expect(try await database.store.delete(id, account: "acc_123"))
        #expect(try await database.store.deliveryCounts(of: nil).open == 0)
    }

    @Test("Too many arrivals to count at once make the worker claim again")
    func manyArrivals() async throws {
        let database = try await TestDatabase()
        var registration = TestDatabase.registration
        registration.ordering = .resource
        try await database.service.register(registration, account: "acc_123")
        try database.psql(
            """
            SELECT count({schema}.publish('{"type": "a", "data": {}, "metadata": {"account_id": "acc_123", "ordering_key": "k"}}'))
            FROM generate_series(1, 4100)
            """)
        // One delivery of the order is claimed; the others wait for it, and not all of them are counted yet.
        let first = try await database.store.claim(ClaimRequest(count: 10))
        #expect(first.deliveries.count == 1)
        #expect(first.nextDueIn == .zero)
        let second = try await database.store.claim(ClaimRequest(count: 10))
        #expect(second.deliveries.isEmpty)
        #expect(try #require(second.nextDueIn) > .seconds(5))
    }

    @Test("A replay with few matches advances in steps, and claims continue meanwhile")
    func longRecovery() async throws {
        let database = try await TestDatabase()
        let webhook = try await database.service.register(TestDatabase.registration, account: "acc_123").webhook.id
        try database.psql(
            """
            SELECT count({schema}.publish(jsonb_build_object(
                'type', CASE n WHEN 1400 THEN 'thing.deleted' ELSE 'thing.created' END, 'data', '{}'::jsonb,
                'metadata', '{"account_id": "acc_123"}'::jsonb))) FROM generate_series(1, 1400) AS n;
            SELECT {schema}.settle_arrivals(ARRAY['acc_123'], now());
            SELECT {schema}.cancel_all('acc_123', '\(webhook.rawValue)', now());
            UPDATE {schema}.webhook_progress SET open = 0
            """)
        let (now, id) = (SystemClock().now, ReplayID(unchecked: "rec_1"))
        let filter = Replay.Filter(
            webhookID: webhook, since: now + .seconds(-1000), until: now + .seconds(1000),
            events: [EventPattern(stored: "thing.deleted")])
        #expect(try await database.store.count(filter, account: "acc_123") == 1)
        let replay = Replay(id: id, accountID: "acc_123", filter: filter, perSecond: 10, total: 1, nextAt: now)
        try await database.store.start(replay, limits: .standard)
        var steps: [Replay] = []
        var (claimed, claims) = (0, 0)
        // Between two steps replays pause, and claims do not advance them.
        repeat {
            claimed += try await database.store.claim(ClaimRequest(count: 10)).deliveries.count
            claims += 1
            let step = try #require(try await database.store.replay(id, account: "acc_123"))
            if step != steps.last ?? replay { steps.append(step) }
        } while steps.last?.state != .finished && claims < 10_000
        #expect(steps.map(\.made) == [0, 0, 0, 0, 0, 1])
        #expect(claimed == 1)
    }

    @Test("A host that accepts connections and never answers is skipped for the next one")
    func silentHost() async throws {
        let database = try await TestDatabase()
        let silent = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(silent) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(silent, $0, length) == 0 && listen(silent, 8) == 0 && getsockname(silent, $0, &length) == 0
            }
        }
        try #require(isListening)
        let socketFolder = try #require(database.configuration.connection.firstMatch(of: /host=(\S+)/)).1
        var configuration = database.configuration
        configuration.connection = database.configuration.connection.replacing(
            "host=\(socketFolder)",
            with: "host=127.0.0.1,\(socketFolder) port=\(UInt16(bigEndian: address.sin_port)),5432")
        (configuration.callTimeout, configuration.connections) = (.seconds(1), 1)
        let store = try PostgresStore(configuration)
        // Connecting takes longer than the whole call may, once.
        let error = await #expect(throws: PostgresError.self) { try await store.webhooks(of: "acc_123") }
        #expect(error?.code == .timedOut)
        #expect(try await store.webhooks(of: "acc_123").isEmpty)
    }

    @Test("A worker whose key cannot unseal a secret leaves the delivery to others")
    func anotherKey() async throws {
        func sealing(_ number: UInt8) throws -> AESGCMSealing {
            let key = try AESGCMSealing.Key(id: "k\(number)", bytes: Array(repeating: number, count: 32))
            return try AESGCMSealing(key: key, random: SeededRandomSource(seed: UInt64(number)))
        }
        let database = try await TestDatabase(sealing: sealing(1))
        try await database.service.register(TestDatabase.registration, account: "acc_123")
        var samples = SampleEvents(seed: 1)
        try await database.service.publish(samples.next())
        let stranger = try PostgresStore(database.configuration, sealing: sealing(2))
        #expect(try await stranger.claim(ClaimRequest(count: 10)).deliveries.isEmpty)
        // A worker that can read it claims it at the next check, after a minute at the latest.
        try database.psql("UPDATE {schema}.accounts SET due_at = due_at - interval '60 s' WHERE due_at IS NOT NULL")
        #expect(try await database.claim().count == 1)
    }

    @Test("An event that the server rejects fails alone, and not the other events of its commit")
    func badCompany() async throws {
        let database = try await TestDatabase()
        try await database.service.register(TestDatabase.registration, account: "acc_123")
        var samples = SampleEvents(seed: 1)
        let good = try samples.take(20)
        let bad = try Envelope(
            .unknown(UnknownEvent(type: EventType("a") ?? .taskCreated, data: Array("{}".utf8))), id: "evt_bad",
            timestamp: Timestamp(unixSeconds: 1_707_583_522),
            metadata: EventMetadata(accountID: "acc_123"))
        try database.psql(
            """
            CREATE FUNCTION {schema}.refuse() RETURNS trigger LANGUAGE plpgsql
                AS $$ BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = 'program_limit_exceeded'; END $$;
            CREATE TRIGGER refuse BEFORE INSERT ON {schema}.events
                FOR EACH ROW WHEN (NEW.id = 'evt_bad') EXECUTE FUNCTION {schema}.refuse()
            """)
        let kept = await withTaskGroup(of: Bool.self) { group in
            for envelope in good + [bad] {
                group.addTask { (try? await database.service.publish(envelope)) != nil }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(kept == 20)
    }

    @Test("An event of another process is claimed immediately, without a poll")
    func signals() async throws {
        let database = try await TestDatabase()
        try await database.service.register(TestDatabase.registration, account: "acc_123")
        let transport = ScriptedTransport(statuses: [200])
        var configuration = Dispatcher.Configuration()
        configuration.pollInterval = .seconds(3600)
        let dispatcher = Dispatcher(
            store: database.store, transport: transport, clock: SystemClock(), random: SeededRandomSource(seed: 1),
            configuration: configuration)
        let event = #"{"type":"a","data":{},"metadata":{"account_id":"acc_123"}}"#
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await dispatcher.run() }
            for number in 1...5 {
                try database.psql("SELECT {schema}.publish('\(event)'::jsonb)")
                while try await database.store.deliveryCounts(of: nil).succeeded < number { await Task.yield() }
            }
            dispatcher.stop()
            try await group.waitForAll()
        }
        #expect(try await database.store.deliveryCounts(of: nil).succeeded == 5)
    }

    @Test("A claim that was planned on empty tables reads few rows of a long queue")
    func plans() async throws {
        var configuration = TestServer.configuration()
        configuration.connections = 1
        let database = try await TestDatabase(configuration)
        for number in 0..<16 {
            try await database.service.register(
                TestDatabase.registration, account: AccountID(unchecked: "acc_\(number)"))
        }
        #expect(try await database.claim().isEmpty)
        try database.psql(
            """
            SELECT count({schema}.publish(jsonb_build_object(
                'type', 'a', 'data', '{}'::jsonb, 'metadata', jsonb_build_object('account_id', 'acc_' || n % 16))))
            FROM generate_series(1, 3200) AS n
            """)
        func read() throws -> Int {
            let sql = """
                SELECT idx_tup_read FROM pg_stat_user_indexes
                WHERE schemaname = '{schema}' AND indexrelname = 'queue_due'
                """
            return try #require(Int(database.psql(sql).output))
        }
        let before = try read()
        #expect(try await database.store.claim(ClaimRequest(count: 10)).deliveries.count == 10)
        // A connection reports its statistics at its end at the latest.
        try database.cutConnections()
        while try read() == before { await Task.yield() }
        #expect(try read() - before < 1000)
    }

    @Test("The server's restart loses nothing: the next call reconnects")
    func lostConnections() async throws {
        let database = try await TestDatabase()
        try await database.service.register(TestDatabase.registration, account: "acc_123")
        var samples = SampleEvents(seed: 1)
        for envelope in try samples.take(20) {
            try database.cutConnections()
            try await database.service.publish(envelope)
        }
        #expect(try await database.claim().count == 20)
    }

    @Test(
        "Through a transaction pooler everything works except notifications", .serialized,
        .enabled(if: TestServer.pooler != nil, "needs pgbouncer: bash Tests/run.sh starts it"),
        arguments: StoreConformance.cases)
    func pooler(_ example: StoreConformance.Case) async throws {
        var configuration = TestServer.configuration()
        try await PostgresStore.migrate(configuration)
        configuration.connection = TestServer.pooler ?? ""
        configuration.usesTransactionPooler = true
        try await example.run { [configuration] clock in try PostgresStore(configuration, clock: clock) }
    }

    @Test("A cancelled caller leaves its connection usable for others")
    func cancellation() async throws {
        let database = try await TestDatabase()
        for _ in 0..<50 {
            let task = Task { try await database.store.deliveryCounts(of: nil) }
            task.cancel()
            _ = try? await task.value
        }
        #expect(try await database.store.deliveryCounts(of: nil).accepted == 0)
    }
}
#endif
