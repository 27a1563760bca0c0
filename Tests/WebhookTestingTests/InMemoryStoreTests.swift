import TaskFlowWebhooks
import TestSupport
import Testing
import WebhookConformance
import WebhookTesting

@Suite("InMemoryStore")
struct InMemoryStoreTests {
    @Test("Conformance", arguments: StoreConformance.cases)
    func conformance(_ example: StoreConformance.Case) async throws {
        try await example.run { clock in InMemoryStore(clock: clock) }
    }
}
