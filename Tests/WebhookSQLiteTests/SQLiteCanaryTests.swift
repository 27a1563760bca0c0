#if SQLite
import GRDB
import TaskFlowWebhooks
import TestSupport
import Testing
import WebhookReceiving
import WebhookSQLite
import WebhookTesting

/// Checks what the store and its errors print; see `CanaryTests`.
@Suite("SQLiteStore, printing")
struct SQLiteCanaryTests {
    static let canary = "canary4711canary"

    private func registration() throws -> WebhookRegistration {
        WebhookRegistration(
            url: "https://yourapp.com/\(Self.canary)", events: [.all],
            secret: .given(try WebhookSecret(Self.canary)),
            headers: try CustomHeaders(["Authorization": "Bearer \(Self.canary)"]))
    }

    private func sealing() throws -> AESGCMSealing {
        let key = try AESGCMSealing.Key(id: "k", bytes: Array((Self.canary + Self.canary).utf8))
        return try AESGCMSealing(key: key, random: SeededRandomSource(seed: 1))
    }

    @Test("A store with secrets, bodies and keys prints its path only")
    func store() async throws {
        let folder = try SQLiteStoreTests.Folder()
        let store = try SQLiteStore(path: folder.file, sealing: try sealing())
        let service = SQLiteStoreTests().service(store, ManualClock())
        try await service.register(registration(), account: "acc_123")
        try await service.publish(try #require(try SampleEvents.sample(of: .taskCreated)))
        try assertNeverPrints(Self.canary, store)
        try assertNeverPrints(Self.canary, service)
        try assertNeverPrints(Self.canary, try SQLiteDeduplication(database: DatabaseQueue()))
        #expect(String(reflecting: Mirror(reflecting: store).children.map(\.value)).contains(folder.file))
    }

    @Test("A database error quotes no value of a statement")
    func errors() async throws {
        let folder = try SQLiteStoreTests.Folder()
        let (pool, _, service) = try SQLiteStoreTests().opened(folder.file, ManualClock())
        try await pool.write { db in
            let refuse = "BEGIN SELECT RAISE(ABORT, 'no room'); END"
            try db.execute(sql: "CREATE TRIGGER refuse BEFORE INSERT ON taskflow_webhooks \(refuse)")
        }
        let registration = try registration()
        let error = await #expect(throws: DatabaseError.self) {
            try await service.register(registration, account: "acc_123")
        }
        // GRDB's error keeps the arguments of the statement, which `dump` shows; its descriptions omit them.
        let thrown = try #require(error)
        for text in [thrown.description, "\(thrown)", String(reflecting: thrown), "\([thrown])"] {
            try assertNeverPrints(Self.canary, text)
        }
    }
}
#endif
