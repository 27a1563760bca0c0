#if SQLite
import Foundation
import GRDB
import Synchronization
import TaskFlowWebhooks
import Testing
import WebhookSQLite
import WebhookTesting

/// Shared commits: a rejection or failure of one account's call does not affect the others.
@Suite("SQLiteStore, shared commits", .timeLimit(.minutes(1)))
struct SQLiteCommitTests {
    /// Counts the statements that end transactions.
    private final class Endings: Sendable {
        private let counts = Mutex<[String: Int]>([:])

        func note(_ statement: String) {
            guard let word = statement.split(separator: " ").first.map(String.init),
                ["COMMIT", "ROLLBACK"].contains(word)
            else { return }
            counts.withLock { $0[word, default: 0] += 1 }
        }

        func count(_ word: String) -> Int { counts.withLock { $0[word] ?? 0 } }
    }

    private func store(_ endings: Endings) throws -> SQLiteStore {
        var configuration = Configuration()
        configuration.prepareDatabase { db in db.trace { endings.note("\($0)") } }
        return try SQLiteStore(database: DatabaseQueue(configuration: configuration), clock: ManualClock())
    }

    private func publication(_ number: Int, _ account: AccountID) throws -> EventPublication {
        let type = try #require(EventType("thing.made"))
        let envelope = try Envelope(
            type: type, data: Array("{}".utf8), id: EventID(unchecked: "evt_\(number)"),
            timestamp: Timestamp(unixSeconds: 1_707_583_522), metadata: EventMetadata(accountID: account))
        return EventPublication(
            envelope, publishedAt: Timestamp(unixSeconds: 1_707_583_522), seed: UInt64(number))
    }

    @Test("Rejected registrations and conflicting events roll nothing back, however many there are")
    func refusals() async throws {
        let endings = Endings()
        let store = try store(endings)
        let service = WebhookService(
            store: store, transport: ScriptedTransport(statuses: []), clock: ManualClock(),
            random: SeededRandomSource(seed: 1))
        let registration = WebhookRegistration(url: "https://yourapp.com/", events: [.all], secret: .generate())
        for _ in 0..<10 { try await service.register(registration, account: "acc_full") }
        try await service.register(registration, account: "acc_other")
        _ = try await store.publish(publication(0, "acc_full"))
        let before = endings.count("ROLLBACK")
        let refused = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 1...100 {
                group.addTask {
                    do { try await service.register(registration, account: "acc_full") } catch is LimitError {
                        return 1
                    }
                    return 0
                }
                group.addTask {
                    let other = try EventPublication(
                        Envelope(
                            type: .taskArchivedForTests, data: Array(#"{"n":\#(number)}"#.utf8), id: "evt_0",
                            timestamp: Timestamp(unixSeconds: 1), metadata: EventMetadata(accountID: "acc_full")),
                        publishedAt: Timestamp(unixSeconds: 1), seed: 1)
                    do { _ = try await store.publish(other) } catch is DeliveryError { return 1 }
                    return 0
                }
                let publication = try publication(number, "acc_other")
                group.addTask {
                    _ = try await store.publish(publication)
                    return 0
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(refused == 200)
        #expect(endings.count("ROLLBACK") == before, "a rejection split a shared commit")
        #expect(try await store.deliveryCounts(of: "acc_other").accepted == 100)
    }

    @Test("A failing call is isolated by halving the batch, and the others are committed")
    func halves() async throws {
        let endings = Endings()
        var configuration = Configuration()
        configuration.prepareDatabase { db in db.trace { endings.note("\($0)") } }
        let queue = try DatabaseQueue(configuration: configuration)
        let store = try SQLiteStore(database: queue, clock: ManualClock())
        let service = WebhookService(
            store: store, transport: ScriptedTransport(statuses: []), clock: ManualClock(),
            random: SeededRandomSource(seed: 1))
        let registration = WebhookRegistration(url: "https://yourapp.com/", events: [.all], secret: .generate())
        for account in ["acc_broken", "acc_other"] as [AccountID] {
            try await service.register(registration, account: account)
        }
        try await queue.write { db in
            try db.execute(
                sql: """
                    CREATE TEMP TRIGGER broken BEFORE INSERT ON taskflow_events WHEN NEW.account = 'acc_broken'
                    BEGIN SELECT RAISE(ABORT, 'broken'); END
                    """)
        }
        let (rollbacks, commits) = (endings.count("ROLLBACK"), endings.count("COMMIT"))
        let failed = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<200 {
                let publication = try publication(number, number == 117 ? "acc_broken" : "acc_other")
                group.addTask {
                    do { _ = try await store.publish(publication) } catch is DatabaseError { return 1 }
                    return 0
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(failed == 1)
        #expect(try await store.deliveryCounts(of: "acc_other").accepted == 199)
        // A batch has at most 256 calls, so 9 transactions isolate one of them; one by one would take 200.
        #expect((1...9).contains(endings.count("ROLLBACK") - rollbacks), "\(endings.count("ROLLBACK") - rollbacks)")
        #expect(endings.count("COMMIT") - commits < 60, "\(endings.count("COMMIT") - commits)")
    }
}

extension EventType {
    fileprivate static var taskArchivedForTests: EventType { EventType("task.archived") ?? .taskCreated }
}
#endif
