#if PostgreSQL
import TaskFlowWebhooks
import Testing
import WebhookPostgreSQL
import WebhookReceiving
import WebhookConformance

@Suite("PostgresDeduplication", .enabled(if: TestServer.isAvailable, "needs a server: bash Tests/run.sh starts one"))
struct PostgresDeduplicationTests {
    @Test("Conformance", .serialized, arguments: DeduplicationConformance.cases)
    func conformance(_ example: DeduplicationConformance.Case) async throws {
        let configuration = TestServer.configuration()
        try await PostgresDeduplication.migrate(configuration)
        try await example.run { clock in try PostgresDeduplication(configuration, clock: clock) }
    }

    private static let key = DeduplicationKey(endpoint: "billing", accountID: "acc_1", eventID: "evt_1")

    private func claim(_ memory: PostgresDeduplication, for lease: Duration) async throws -> DeduplicationClaim {
        let now = SystemClock().now
        let result = try await memory.claim(Self.key, now: now, until: now + lease)
        guard case .claimed(let claim) = result else { throw CancellationError() }
        return claim
    }

    /// Runs a handler in another client of the same database, which marks the event in its transaction.
    private func handle(_ claim: DeduplicationClaim, _ database: TestDatabase, ending: String = "COMMIT") throws
        -> String
    {
        try database.psql(
            """
            BEGIN;
            INSERT INTO {schema}.tasks VALUES ('task_1');
            SELECT {schema}.commit_handled('acc_1', 'evt_1', 'billing', \(claim.token), now() + interval '1 day');
            \(ending)
            """
        ).error
    }

    @Test("A handler's work in psql and the mark are one transaction; a lost claim rolls back both")
    func otherClients() async throws {
        let database = try await TestDatabase()
        try await PostgresDeduplication.migrate(database.configuration)
        let memory = try PostgresDeduplication(database.configuration)
        try database.psql("CREATE TABLE {schema}.tasks (id text)")
        func tasks() throws -> String { try database.psql("SELECT count(*) FROM {schema}.tasks").output }

        let first = try await claim(memory, for: .seconds(60))
        #expect(try handle(first, database, ending: "ROLLBACK") == "")
        #expect(try tasks() == "0")
        try await memory.release(first)
        let slow = try await claim(memory, for: .zero)
        let quick = try await claim(memory, for: .seconds(60))
        #expect(try handle(slow, database).contains("the claim of event evt_1 was lost"))
        #expect(try tasks() == "0")
        #expect(try handle(quick, database) == "")
        #expect(try tasks() == "1")
        #expect(try handle(quick, database).contains("was lost"))
        #expect(try tasks() == "1")
        // The receiver's own commit afterwards changes nothing.
        let now = SystemClock().now
        try await memory.commit(quick, keepUntil: now + .seconds(86_400))
        #expect(try await memory.claim(Self.key, now: now, until: now + .seconds(60)) == .duplicate)
    }
}
#endif
