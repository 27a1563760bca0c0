#if SQLite
import GRDB
import Synchronization
import TaskFlowWebhooks
import Testing
import WebhookSQLite
import WebhookTesting

@Suite("SQLiteStore, webhooks with a long backlog")
struct SQLiteLongQueueTests {
    private static func event(_ number: Int, _ account: AccountID) throws -> Envelope {
        try Envelope(
            .unknown(UnknownEvent(type: EventType("task.archived") ?? .taskCreated, data: Array("{}".utf8))),
            id: EventID(unchecked: "evt_\(number)"), timestamp: Timestamp(unixSeconds: 1_707_583_522),
            metadata: EventMetadata(accountID: account, orderingKey: "task_\(number % 3)"))
    }

    @Test(
        "A webhook with a long backlog is deleted in steps, and other writes run between them",
        arguments: [Webhook.Ordering.none, .resource])
    func inSteps(ordering: Webhook.Ordering) async throws {
        let folder = try SQLiteStoreTests.Folder()
        let clock = ManualClock()
        let (pool, store, service) = try SQLiteStoreTests().opened(folder.file, clock)
        let registration = WebhookRegistration(
            url: "https://yourapp.com/", events: [.all], secret: .generate(), ordering: ordering)
        let id = try await service.register(registration, account: "acc_123").id
        try await service.register(registration, account: "acc_other")
        for number in 0..<1000 { try await service.publish(Self.event(number, "acc_123")) }
        let leased = try await store.claim(ClaimRequest(count: 2)).deliveries
        #expect(!leased.isEmpty)
        // Unreadable deliveries end as well.
        try await pool.write {
            try $0.execute(sql: "UPDATE taskflow_deliveries SET created_by = 'later' WHERE sequence % 100 = 50")
        }
        let order = Mutex<[String]>([])
        async let deletion: Bool = {
            let isDeleted = try await store.delete(id, account: "acc_123")
            order.withLock { $0.append("deleted") }
            return isDeleted
        }()
        for number in 0..<3 {
            try await service.publish(Self.event(number, "acc_other"))
            order.withLock { $0.append("published") }
        }
        #expect(try await deletion)
        #expect(order.withLock { $0.first } == "published", "no other write ran between the steps")
        let deliveryCounts = try await store.deliveryCounts(of: "acc_123")
        #expect([deliveryCounts.open, deliveryCounts.cancelled] == [0, 1000])
        #expect(try await store.webhooks(of: "acc_123").isEmpty)
        #expect(
            try await store.claim(ClaimRequest(count: 10)).deliveries.allSatisfy {
                $0.delivery.accountID == "acc_other"
            })
        #expect(try await !store.delete(id, account: "acc_123"), "it is deleted twice")
    }

    @Test("After an interrupted deletion the webhook is disabled, and the call can be repeated")
    func brokenOff() async throws {
        let folder = try SQLiteStoreTests.Folder()
        let clock = ManualClock()
        let (pool, store, service) = try SQLiteStoreTests().opened(folder.file, clock)
        let id = try await service.register(SQLiteStoreTests.registration, account: "acc_123").id
        for number in 0..<700 { try await service.publish(Self.event(number, "acc_123")) }
        // The second step fails, as if the process had ended after the first one.
        try await pool.write {
            try $0.execute(
                sql: """
                    CREATE TRIGGER broken BEFORE UPDATE OF status ON taskflow_deliveries
                    WHEN (SELECT state FROM taskflow_webhooks) = 'disabled' BEGIN SELECT RAISE(ABORT, 'broken'); END
                    """)
        }
        await #expect(throws: DatabaseError.self) { try await store.delete(id, account: "acc_123") }
        #expect(try await store.webhooks(of: "acc_123").map(\.status) == [.disabled])
        #expect(try await store.claim(ClaimRequest(count: 10)).deliveries.isEmpty)
        #expect(try await store.deliveryCounts(of: "acc_123").open == 400)
        try await pool.write { try $0.execute(sql: "DROP TRIGGER broken") }
        #expect(try await store.delete(id, account: "acc_123"))
        #expect(try await store.deliveryCounts(of: "acc_123").open == 0)
    }

    @Test(
        "A backlog policy applies to a long backlog in order, and the webhook is enabled at the end",
        arguments: [Webhook.Ordering.none, .resource])
    func backlog(ordering: Webhook.Ordering) async throws {
        let folder = try SQLiteStoreTests.Folder()
        let clock = ManualClock()
        let (_, store, service) = try SQLiteStoreTests().opened(folder.file, clock)
        let registration = WebhookRegistration(
            url: "https://yourapp.com/", events: [.all], secret: .generate(), ordering: ordering)
        let id = try await service.register(registration, account: "acc_123").id
        for number in 0..<1000 { try await service.publish(Self.event(number, "acc_123")) }
        _ = try await store.disable(id, account: "acc_123")
        let webhook = try await store.enable(
            id, account: "acc_123", backlog: .spread(perSecond: 10, .newestFirst), limits: .standard)
        #expect(webhook?.status == .active)
        let waiting = try await store.deliveries(Delivery.Query(accountID: "acc_123", limit: 1000)).map(\.delivery)
        let newestFirst = waiting.sorted { $0.sequence > $1.sequence }
        let expected = (0..<1000).map { clock.now + .milliseconds(100) * $0 }
        if ordering == .none {
            #expect(newestFirst.map(\.state.dueAt) == expected)
        } else {
            // Evenly spread, and each resource in its order.
            #expect(newestFirst.map(\.state.dueAt).sorted() == expected)
            for deliveries in Dictionary(grouping: newestFirst.reversed(), by: \.orderingKey).values {
                let dueAt = deliveries.map(\.state.dueAt)
                #expect(dueAt == dueAt.sorted())
            }
        }
        _ = try await store.enable(id, account: "acc_123", backlog: .discard, limits: .standard)
        let deliveryCounts = try await store.deliveryCounts(of: "acc_123")
        #expect([deliveryCounts.open, deliveryCounts.cancelled] == [0, 1000])
    }

    @Test("After an interrupted backlog policy the webhook is disabled, and the call can be repeated")
    func brokenDrain() async throws {
        let folder = try SQLiteStoreTests.Folder()
        let (pool, store, service) = try SQLiteStoreTests().opened(folder.file, ManualClock())
        let id = try await service.register(SQLiteStoreTests.registration, account: "acc_123").id
        for number in 0..<700 { try await service.publish(Self.event(number, "acc_123")) }
        _ = try await store.disable(id, account: "acc_123")
        // A later step fails, as if the process had ended after the first one.
        try await pool.write {
            try $0.execute(
                sql: """
                    CREATE TRIGGER broken BEFORE UPDATE OF status ON taskflow_deliveries
                    WHEN (SELECT COUNT(*) FROM taskflow_deliveries WHERE status = 'cancelled') >= 300
                    BEGIN SELECT RAISE(ABORT, 'broken'); END
                    """)
        }
        await #expect(throws: DatabaseError.self) {
            try await store.enable(id, account: "acc_123", backlog: .discard, limits: .standard)
        }
        #expect(try await store.webhooks(of: "acc_123").map(\.status) == [.disabled])
        #expect(try await store.deliveryCounts(of: "acc_123").open == 400)
        try await pool.write { try $0.execute(sql: "DROP TRIGGER broken") }
        #expect(try await store.enable(id, account: "acc_123", backlog: .discard, limits: .standard)?.status == .active)
        #expect(try await store.deliveryCounts(of: "acc_123").open == 0)
    }

    @Test("An unreadable webhook keeps its backlog")
    func unreadable() async throws {
        let folder = try SQLiteStoreTests.Folder()
        let (pool, store, service) = try SQLiteStoreTests().opened(folder.file, ManualClock())
        let id = try await service.register(SQLiteStoreTests.registration, account: "acc_123").id
        try await service.publish(Self.event(1, "acc_123"))
        try await pool.write { try $0.execute(sql: "UPDATE taskflow_webhooks SET format = 'later'") }
        await #expect(throws: DeliveryError.self) {
            try await store.enable(id, account: "acc_123", backlog: .discard, limits: .standard)
        }
        #expect(try await store.deliveryCounts(of: "acc_123").open == 1)
    }

    @Test(
        "A replay ends in a history with identifiers that are not UTF-8",
        arguments: [[], [.succeeded]] as [Set<Delivery.State.Status>])
    func damagedNames(more: Set<Delivery.State.Status>) async throws {
        let folder = try SQLiteStoreTests.Folder()
        let clock = ManualClock()
        let (pool, store, service) = try SQLiteStoreTests().opened(folder.file, clock)
        let id = try await service.register(SQLiteStoreTests.registration, account: "acc_123").id
        for number in 0..<251 { try await service.publish(Self.event(number, "acc_123")) }
        try await pool.write {
            try $0.execute(
                sql: """
                    UPDATE taskflow_deliveries SET status = 'failed',
                        id = CAST(x'64656C5FFF' AS TEXT) || printf('%05d', sequence)
                    """)
        }
        let filter = Replay.Filter(
            webhookID: id, since: clock.now, until: clock.now + .seconds(60), statuses: more.union([.failed]))
        let replay = Replay(
            id: "job_1", accountID: "acc_123", filter: filter, perSecond: 1000, total: 0, nextAt: clock.now)
        try await store.start(replay, limits: .standard)
        for _ in 0..<3 {
            _ = try await store.claim(ClaimRequest(count: 1))
            clock.advance(by: .seconds(1))
        }
        #expect(try await store.replay("job_1", account: "acc_123")?.state == .finished)
    }
}
#endif
