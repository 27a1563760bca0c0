#if PostgreSQL
import TaskFlowWebhooks
import Testing
import WebhookPostgreSQL
import WebhookReceiver
import WebhookTesting

@Suite("PostgresDeduplication", .enabled(if: TestServer.isThere, "needs a server: bash Tests/run.sh starts one"))
struct PostgresDeduplicationTests {
    @Test("Conformance", .serialized, arguments: DeduplicationConformance.cases)
    func conformance(_ example: DeduplicationConformance.Case) async throws {
        let configuration = TestServer.configuration()
        try await PostgresDeduplication.migrate(configuration)
        try await example.run { clock in try PostgresDeduplication(configuration, clock: clock) }
    }
}
#endif
