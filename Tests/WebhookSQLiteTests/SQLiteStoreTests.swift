#if SQLite
import Foundation
import GRDB
import TaskFlowWebhooks
import Testing
import WebhookSQLite
import WebhookTesting
import WebhookConformance

@Suite("SQLiteStore")
struct SQLiteStoreTests {
    /// A file in a temporary folder, which is removed afterwards.
    struct Folder: ~Copyable {
        let path: String

        init() throws {
            let folder = FileManager.default.temporaryDirectory.appending(path: "taskflow-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            path = folder.path
        }

        var file: String { path + "/webhooks.sqlite" }

        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    static let registration = WebhookRegistration(
        url: "https://yourapp.com/webhooks/taskflow", events: [.all], secret: .generate(),
        retryPolicy: RetryPolicy(clamping: [.seconds(1), .milliseconds(1500)], jitter: 0.05))

    func service(_ store: SQLiteStore, _ clock: ManualClock) -> WebhookService {
        WebhookService(
            store: store, transport: ScriptedTransport(statuses: []), clock: clock, random: SeededRandomSource(seed: 7))
    }

    /// Opens a store in a host's database; the tests act as the host.
    func opened(
        _ file: String, _ clock: ManualClock
    ) throws -> (pool: DatabasePool, store: SQLiteStore, service: WebhookService) {
        let pool = try DatabasePool(path: file)
        let store = try SQLiteStore(database: pool, clock: clock)
        return (pool, store, service(store, clock))
    }

    @Test("Conformance", arguments: StoreConformance.cases)
    func conformance(_ example: StoreConformance.Case) async throws {
        let folder = try Folder()
        try await example.run { clock in try SQLiteStore(path: folder.file, clock: clock) }
    }

    @Test("A reopened file contains everything")
    func reopening() async throws {
        let folder = try Folder()
        let clock = ManualClock()
        var samples = SampleEvents(seed: 1)
        let envelope = try samples.next()
        let registered: RegisteredWebhook
        do {
            let service = service(try SQLiteStore(path: folder.file, clock: clock), clock)
            registered = try await service.register(Self.registration, account: "acc_123")
            try await service.publish(envelope)
        }
        let store = try SQLiteStore(path: folder.file, clock: clock)
        let request = ClaimRequest(count: 1, bytes: 1)
        let claimed = try #require(try await store.claim(request).deliveries.first)
        #expect(claimed.body == envelope.bytes)
        #expect(claimed.secrets.current.reveal() == registered.secret.reveal())
        #expect(claimed.webhook.retryPolicy == registered.webhook.retryPolicy)
        #expect(try await service(store, clock).publish(envelope).isDuplicate)
    }

    @Test("A publish inside the host's transaction is committed or rolled back with it")
    func outbox() async throws {
        struct Rollback: Error {}
        let folder = try Folder()
        let clock = ManualClock()
        let pool = try DatabasePool(path: folder.file)
        try await pool.write { try $0.execute(sql: "CREATE TABLE tasks (id TEXT PRIMARY KEY)") }
        let store = try SQLiteStore(database: pool, clock: clock)
        let service = service(store, clock)
        try await service.register(Self.registration, account: "acc_123")
        var samples = SampleEvents(seed: 1)
        let publications = try samples.take(2).map { try service.publication(of: $0) }

        try await pool.write { db in
            try db.execute(sql: "INSERT INTO tasks VALUES ('task_1')")
            #expect(try store.publish(publications[0], in: db).deliveryIDs.count == 1)
        }
        await #expect(throws: Rollback.self) {
            try await pool.write { db in
                try db.execute(sql: "INSERT INTO tasks VALUES ('task_2')")
                _ = try store.publish(publications[1], in: db)
                throw Rollback()
            }
        }
        #expect(try await pool.read { try String.fetchAll($0, sql: "SELECT id FROM tasks") } == ["task_1"])
        #expect(try await service.deliveryCounts().accepted == 1)
    }

    @Test("Two stores on one file, as in two processes, share the work and lose nothing")
    func twoStores() async throws {
        let folder = try Folder()
        let clock = ManualClock()
        let stores = [
            try SQLiteStore(path: folder.file, clock: clock), try SQLiteStore(path: folder.file, clock: clock),
        ]
        let service = service(stores[0], clock)
        try await service.register(Self.registration, account: "acc_123")
        var samples = SampleEvents(seed: 2)
        for envelope in try samples.take(60) { try await service.publish(envelope) }
        let claimed = try await withThrowingTaskGroup(of: [DeliveryID].self) { group in
            for store in stores {
                group.addTask {
                    var mine: [DeliveryID] = []
                    var request = ClaimRequest(count: 3)
                    (request.rules.maximumInFlightPerWebhook, request.rules.maximumInFlightPerAccount) = (100, 100)
                    while true {
                        let batch = try await store.claim(request).deliveries
                        guard !batch.isEmpty else { return mine }
                        mine += batch.map(\.delivery.id)
                    }
                }
            }
            return try await group.reduce([], +)
        }
        #expect(claimed.count == 60)
        #expect(Set(claimed).count == 60)
    }

    @Test("A claim that finds nothing due writes nothing")
    func idleClaim() async throws {
        let folder = try Folder()
        let clock = ManualClock()
        let (pool, store, service) = try opened(folder.file, clock)
        try await service.register(Self.registration, account: "acc_123")
        var samples = SampleEvents(seed: 1)
        try await service.publish(samples.next())
        let request = ClaimRequest(count: 8)
        #expect(try await store.claim(request).deliveries.count == 1)
        let before = try await pool.write { $0.totalChangesCount }
        let idle = try await store.claim(request)
        #expect(idle.deliveries.isEmpty)
        #expect(idle.nextDueIn == .seconds(15))
        #expect(try await pool.write { $0.totalChangesCount } == before)
    }

    @Test("Secrets and custom header fields are sealed, and cannot be unsealed without the key or in another row")
    func sealing() async throws {
        let folder = try Folder()
        let clock = ManualClock()
        let key = try AESGCMSealing.Key(id: "k1", bytes: Array(repeating: 7, count: 32))
        let sealing = try AESGCMSealing(key: key, random: SeededRandomSource(seed: 1))
        var registration = Self.registration
        registration.headers = try CustomHeaders(["Authorization": "Bearer of-the-host"])
        let registered = try await service(try SQLiteStore(path: folder.file, sealing: sealing, clock: clock), clock)
            .register(registration, account: "acc_123")
        let secret = registered.secret.reveal()

        let store = try SQLiteStore(path: folder.file, sealing: sealing, clock: clock)
        let read = try #require(try await store.webhook(registered.webhook.id, account: "acc_123"))
        #expect(read.secrets.current.reveal() == secret)
        #expect(read.webhook.headers == registered.webhook.headers)
        for file in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: folder.path + "/" + file))
            for text in [secret, "of-the-host"] { #expect(bytes.range(of: Data(text.utf8)) == nil, "\(file)") }
        }
        let blind = try SQLiteStore(path: folder.file, clock: clock)
        let error = await #expect(throws: DeliveryError.self) {
            try await blind.webhook(registered.webhook.id, account: "acc_123")
        }
        #expect(error?.code == .unreadable)
        #expect(try await blind.webhooks(of: "acc_123").isEmpty)
        #expect(try await blind.unreadableWebhooks(of: "acc_123") == [registered.webhook.id])
        let pool = try DatabasePool(path: folder.file)
        try await pool.write { try $0.execute(sql: "UPDATE taskflow_webhooks SET id = 'wh_thief'") }
        await #expect(throws: DeliveryError.self) { try await store.webhook("wh_thief", account: "acc_123") }
        #expect(try await blind.delete("wh_thief", account: "acc_123"), "an unreadable webhook can be deleted")
    }

    @Test("A file without sealing is sealed later, and moved to another key")
    func resealing() async throws {
        let folder = try Folder()
        let clock = ManualClock()
        let registered = try await service(try SQLiteStore(path: folder.file, clock: clock), clock)
            .register(Self.registration, account: "acc_123")
        let id = registered.webhook.id
        let keys = try (1...2).map {
            try AESGCMSealing.Key(id: "k\($0)", bytes: Array(repeating: UInt8($0), count: 32))
        }
        func store(_ key: Int, previous: [AESGCMSealing.Key] = []) throws -> SQLiteStore {
            let sealing = try AESGCMSealing(key: keys[key], previous: previous, random: SeededRandomSource(seed: 1))
            return try SQLiteStore(path: folder.file, sealing: sealing, clock: clock)
        }
        func secret(_ store: SQLiteStore) async throws -> String? {
            try await store.webhook(id, account: "acc_123")?.secrets.current.reveal()
        }
        #expect(try await store(0).reseal() == 1)
        #expect(try await secret(store(0)) == registered.secret.reveal())
        await #expect(throws: SigningError.self) { try await store(1).reseal() }
        #expect(try await store(1, previous: [keys[0]]).reseal() == 1)
        #expect(try await secret(store(1)) == registered.secret.reveal())
    }

    @Test("The integrity check finds nothing in a healthy file, and each kind of damage in a damaged one")
    func integrity() async throws {
        let folder = try Folder()
        let clock = ManualClock()
        let (pool, store, service) = try opened(folder.file, clock)
        var registration = Self.registration
        registration.ordering = .resource
        try await service.register(registration, account: "acc_123")
        var samples = SampleEvents(seed: 1)
        for envelope in try samples.take(12) { try await service.publish(envelope) }
        #expect(try await store.checkIntegrity() == [])
        for damage in [
            "UPDATE taskflow_webhooks SET open = open + 1",
            "DELETE FROM taskflow_events WHERE id = (SELECT MIN(id) FROM taskflow_events)",
            "UPDATE taskflow_deliveries SET hold = 'order'",
            "UPDATE taskflow_events SET fan_out = 2 WHERE id = (SELECT MAX(id) FROM taskflow_events)",
        ] {
            let before = try await store.checkIntegrity().count
            try await pool.write { try $0.execute(sql: damage) }
            #expect(try await store.checkIntegrity().count > before, "\(damage)")
        }
    }

    @Test(
        "An unreadable row is set aside, and holds up no other delivery",
        arguments: [
            "UPDATE taskflow_deliveries SET created_by = 'later' WHERE sequence = 1",
            "DELETE FROM taskflow_events WHERE id = (SELECT event FROM taskflow_deliveries WHERE sequence = 1)",
        ])
    func unreadable(damage: String) async throws {
        let folder = try Folder()
        let clock = ManualClock()
        let (pool, store, service) = try opened(folder.file, clock)
        try await service.register(Self.registration, account: "acc_123")
        var samples = SampleEvents(seed: 1)
        for envelope in try samples.take(3) { try await service.publish(envelope) }
        try await pool.write { try $0.execute(sql: damage) }
        var claimed = 0
        for _ in 0..<4 { claimed += try await store.claim(ClaimRequest(count: 1)).deliveries.count }
        #expect(claimed == 2)
        #expect(try await store.claim(ClaimRequest(count: 1)).nextDueIn == .seconds(15))

        // A process that can read the row claims it again.
        try await pool.write { try $0.execute(sql: "UPDATE taskflow_deliveries SET created_by = 'event'") }
        let later = try SQLiteStore(database: pool, clock: clock)
        let isMended = damage.hasPrefix("UPDATE")
        #expect(try await later.claim(ClaimRequest(count: 1)).deliveries.count == (isMended ? 1 : 0))

        // Queries still return the other rows, and it ends with its webhook.
        try await pool.write {
            try $0.execute(
                sql: """
                    UPDATE taskflow_deliveries SET created_by = 'later' WHERE id = (SELECT MAX(id) FROM taskflow_deliveries)
                    """)
        }
        for limit in [2, 3, .max] {
            #expect(try await store.deliveries(Delivery.Query(accountID: "acc_123", limit: limit)).count == 2)
        }
        let id = try #require(try await service.webhooks(of: "acc_123").first).id
        #expect(try await store.delete(id, account: "acc_123"))
        #expect(try await store.deliveryCounts(of: nil).open == 0)
    }

    @Test("A process whose key cannot unseal a secret leaves the delivery to others")
    func anotherKey() async throws {
        let folder = try Folder()
        let clock = ManualClock()
        func store(_ number: UInt8) throws -> SQLiteStore {
            let key = try AESGCMSealing.Key(id: "k\(number)", bytes: Array(repeating: number, count: 32))
            let sealing = try AESGCMSealing(key: key, random: SeededRandomSource(seed: UInt64(number)))
            return try SQLiteStore(path: folder.file, sealing: sealing, clock: clock)
        }
        let mine = try store(1)
        try await service(mine, clock).register(Self.registration, account: "acc_123")
        var samples = SampleEvents(seed: 1)
        try await service(mine, clock).publish(samples.next())
        #expect(try await store(2).claim(ClaimRequest(count: 10)).deliveries.isEmpty)
        // A worker that can read it claims it at the next check, after a minute at the latest.
        clock.advance(by: .seconds(60))
        #expect(try await mine.claim(ClaimRequest(count: 10)).deliveries.count == 1)
    }

    @Test("A file that cannot grow rejects new events, keeps its data, and continues once there is space")
    func full() async throws {
        let folder = try Folder()
        let clock = ManualClock()
        let (pool, store, service) = try opened(folder.file, clock)
        try await service.register(Self.registration, account: "acc_123")
        var samples = SampleEvents(seed: 1)
        try await pool.write { try $0.execute(sql: "PRAGMA max_page_count = 60") }
        var kept: [Envelope] = []
        var refused: Envelope?
        while refused == nil {
            let envelope = try samples.next()
            do {
                try await service.publish(envelope)
                kept.append(envelope)
            } catch let error as DatabaseError {
                #expect(error.resultCode == .SQLITE_FULL)
                refused = envelope
            }
        }
        #expect(!kept.isEmpty)
        #expect(try await store.deliveryCounts(of: nil).accepted == kept.count)
        #expect(try await store.checkIntegrity() == [])
        try await pool.write { try $0.execute(sql: "PRAGMA max_page_count = 1000000") }
        if let refused { #expect(try await !service.publish(refused).isDuplicate) }
        var request = ClaimRequest(count: 1000)
        (request.rules.maximumInFlightPerWebhook, request.rules.maximumInFlightPerAccount) = (1000, 1000)
        #expect(try await store.claim(request).deliveries.count == kept.count + 1)
    }

    @Test("A file that is not a database is an error, not a crash")
    func garbage() throws {
        let folder = try Folder()
        try Data(repeating: 0x41, count: 8192).write(to: URL(fileURLWithPath: folder.file))
        #expect(throws: DatabaseError.self) { try SQLiteStore(path: folder.file) }
    }

    @Test("Commits survive a power failure: synchronous=FULL and a write-ahead log")
    func durability() async throws {
        let folder = try Folder()
        let store = try SQLiteStore(path: folder.file, clock: ManualClock())
        let (level, journal) = try await store.durability()
        #expect(level == 2)
        #expect(journal == "wal")
    }
}
#endif
