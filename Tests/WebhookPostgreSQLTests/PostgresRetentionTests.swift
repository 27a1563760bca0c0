#if PostgreSQL
import TaskFlowWebhooks
import Testing
import WebhookPostgreSQL
import WebhookTesting

@Suite("PostgresStore, retention", .enabled(if: TestServer.isAvailable, "needs a server: bash Tests/run.sh starts one"))
struct PostgresRetentionTests {
    /// Publishes some events on a day, and delivers all but the first, whose worker never reports.
    private func publish(_ count: Int, seed: UInt64, _ store: PostgresStore, _ clock: ManualClock) async throws {
        let service = WebhookService(
            store: store, transport: ScriptedTransport(statuses: []), clock: clock,
            random: SeededRandomSource(seed: seed))
        var samples = SampleEvents(seed: seed)
        let envelopes = try samples.take(count)
        for envelope in envelopes { try await service.publish(envelope) }
        let others = Set(envelopes.dropFirst().map(\.id))
        for claimed in try await store.claim(ClaimRequest(count: 100)).deliveries
        where others.contains(claimed.delivery.eventID) {
            let attempt = Attempt(
                number: 1, startedAt: clock.now, duration: .milliseconds(3), statusCode: 200, errorType: nil)
            let report = Settlement(
                lease: claimed.lease, attempt: attempt,
                outcome: AttemptOutcome.response(status: 200, retryAfter: nil).kind, decision: .succeed)
            _ = try await store.settle([report], rules: DeliveryRules())
        }
    }

    @Test("Old days are dropped with their partitions; open and redelivered events are kept")
    func partitions() async throws {
        let configuration = TestServer.configuration()
        try await PostgresStore.migrate(configuration)
        let clock = ManualClock()
        let store = try PostgresStore(configuration, clock: clock)
        let database = try await TestDatabase()
        let service = WebhookService(
            store: store, transport: ScriptedTransport(statuses: []), clock: clock, random: SeededRandomSource(seed: 1))
        try await service.register(TestDatabase.registration, account: "acc_123")
        func count(_ table: String) throws -> String {
            try database.psql("SELECT count(*) FROM \(configuration.schema).\(table)").output
        }

        try await store.maintain(keeping: .seconds(86_400 * 30))
        for day in 0..<3 {
            try await publish(5, seed: UInt64(day + 10), store, clock)
            clock.advance(by: .seconds(86_400))
        }
        #expect(try count("events_default") == "0")
        #expect(try count("deliveries_default") == "0")
        #expect(try count("attempts_default") == "0")
        #expect(try await store.deliveryCounts(of: nil).accepted == 15)
        let old = try await store.deliveries(Delivery.Query(accountID: "acc_123", phases: [.delivered], limit: 100))
            .last
        let id = try #require(old?.delivery.id)
        guard case .made = try await store.redeliver(id, account: "acc_123", as: "del_again", limits: .standard)
        else {
            Issue.record("no redelivery was created")
            return
        }

        clock.advance(by: .seconds(86_400 * 2))
        let removed = try await store.maintain(keeping: .seconds(86_400 * 3))
        // Two whole days: of ten events, two are open, and one was redelivered.
        #expect(removed == 7)
        let deliveryCounts = try await store.deliveryCounts(of: nil)
        #expect(deliveryCounts.isBalanced, "\(deliveryCounts)")
        #expect(deliveryCounts.accepted == 9)
        #expect(try count("event_keys") == "8")
        // Kept events are removed row by row after they have ended.
        #expect(try await store.prune(before: clock.now, limit: 100) == 4)
        #expect(try await store.deliveryCounts(of: nil).isBalanced)
    }
}
#endif
