#if PostgreSQL
import TaskFlowWebhooks
import Testing
import WebhookPostgreSQL
import WebhookTesting

@Suite("PostgresStore", .enabled(if: TestServer.isThere, "needs a server: bash Tests/run.sh starts one"))
struct PostgresStoreTests {
    @Test("Conformance", .serialized, arguments: StoreConformance.cases)
    func conformance(_ example: StoreConformance.Case) async throws {
        let configuration = TestServer.configuration()
        try await PostgresStore.migrate(configuration)
        try await example.run { clock in try PostgresStore(configuration, clock: clock) }
    }
}
#endif
