#if SQLite
import GRDB
import TaskFlowWebhooks
import Testing
import WebhookReceiving
import WebhookSQLite
import WebhookTesting
import WebhookConformance

@Suite("SQLiteDeduplication")
struct SQLiteDeduplicationTests {
    static let key = DeduplicationKey(accountID: "acc_1", eventID: "evt_1")

    @Test("Conformance", arguments: DeduplicationConformance.cases)
    func conformance(_ example: DeduplicationConformance.Case) async throws {
        try await example.run { _ in try SQLiteDeduplication(database: DatabaseQueue()) }
    }

    private func claim(_ memory: SQLiteDeduplication, now: Timestamp) async throws -> DeduplicationClaim {
        let result = try await memory.claim(Self.key, now: now, until: now + .seconds(60))
        guard case .claimed(let claim) = result else { throw CancellationError() }
        return claim
    }

    @Test("The handler's work and the mark are one transaction: both, or neither")
    func oneTransaction() async throws {
        struct Failure: Error {}
        let database = try DatabaseQueue()
        try await database.write { try $0.execute(sql: "CREATE TABLE tasks (id TEXT)") }
        let memory = try SQLiteDeduplication(database: database)
        let now = ManualClock().now
        let first = try await claim(memory, now: now)
        await #expect(throws: Failure.self) {
            try await database.write { db in
                try db.execute(sql: "INSERT INTO tasks VALUES ('task_1')")
                try memory.commit(first, keepUntil: now + .seconds(1000), in: db)
                throw Failure()
            }
        }
        try await memory.release(first)
        let second = try await claim(memory, now: now)
        try await database.write { db in
            try db.execute(sql: "INSERT INTO tasks VALUES ('task_1')")
            try memory.commit(second, keepUntil: now + .seconds(1000), in: db)
        }
        #expect(try await database.read { try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM tasks") } == 1)
        #expect(try await memory.claim(Self.key, now: now, until: now + .seconds(60)) == .duplicate)
    }

    @Test("A handler that lost its claim rolls back: of two overlapping handlers, one does the work")
    func overlapping() async throws {
        let database = try DatabaseQueue()
        let memory = try SQLiteDeduplication(database: database)
        let now = ManualClock().now
        let slow = try await claim(memory, now: now)
        let later = now + .seconds(60)
        let quick = try await claim(memory, now: later)
        await #expect(throws: ClaimLost.self) {
            try await database.write { try memory.commit(slow, keepUntil: later, in: $0) }
        }
        try await database.write { try memory.commit(quick, keepUntil: later + .seconds(1000), in: $0) }
        await #expect(throws: ClaimLost.self) {
            try await database.write { try memory.commit(quick, keepUntil: later, in: $0) }
        }
    }

    @Test("Expired marks are removed, so that the table cannot grow without bound")
    func expiry() async throws {
        let database = try DatabaseQueue()
        let memory = try SQLiteDeduplication(database: database)
        let clock = ManualClock()
        for number in 0..<200 {
            let key = DeduplicationKey(accountID: "acc_1", eventID: EventID(unchecked: "evt_\(number)"))
            let result = try await memory.claim(key, now: clock.now, until: clock.now + .seconds(60))
            guard case .claimed(let claim) = result else { continue }
            try await memory.commit(claim, keepUntil: clock.now + .seconds(10))
            clock.advance(by: .seconds(1))
        }
        let count = try await database.read {
            try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM taskflow_handled_events")
        }
        #expect(count == 10)
    }
}
#endif
