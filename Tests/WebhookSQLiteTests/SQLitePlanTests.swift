#if SQLite
import GRDB
import Synchronization
import TaskFlowWebhooks
import Testing
import WebhookSQLite
import WebhookTesting

@Suite("SQLiteStore, query plans")
struct SQLitePlanTests {
    /// A store that records its statements.
    final class Traced: Sendable {
        let clock = ManualClock()
        let pool: DatabasePool
        let store: SQLiteStore
        let service: WebhookService
        private let statements: Statements

        private final class Statements: Sendable {
            let texts = Mutex<Set<String>>([])
        }

        init(_ file: String) throws {
            let statements = Statements()
            var configuration = Configuration()
            configuration.prepareDatabase { db in
                db.trace { event in statements.texts.withLock { _ = $0.insert(event.expandedDescription) } }
            }
            self.statements = statements
            pool = try DatabasePool(path: file, configuration: configuration)
            store = try SQLiteStore(database: pool, clock: clock)
            service = WebhookService(
                store: store, transport: ScriptedTransport(statuses: []), clock: clock,
                random: SeededRandomSource(seed: 7))
        }

        /// Returns the query plan of each statement that some work runs.
        func plans(of work: () async throws -> Void) async throws -> [String: [String]] {
            statements.texts.withLock { $0 = [] }
            try await work()
            let texts = statements.texts.withLock { texts in
                texts.filter { ["SELECT", "INSERT", "UPDATE", "DELETE"].contains($0.prefix(6)) }
            }
            return try await pool.read { db in
                var plans: [String: [String]] = [:]
                for text in texts {
                    plans[text] = try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN \(text)").map { $0["detail"] }
                }
                return plans
            }
        }
    }

    enum Narrowing { case webhook, event, failed, delivered, open, pending, key, resource, error, redelivered }

    @Test(
        "Queries of history use an index, in its order",
        arguments: [
            ([.webhook], "by_webhook (account=? AND webhook=? AND id<?)"),
            ([.webhook, .delivered], "by_webhook (account=? AND webhook=? AND id<?)"),
            ([.webhook, .failed], "failed (webhook=? AND id<?)"),
            ([.webhook, .open, .key], "chains (webhook=? AND ordering_key=?)"),
            ([.webhook, .pending, .key], "chains (webhook=? AND ordering_key=?)"),
            ([.webhook, .key], "by_webhook (account=? AND webhook=? AND id<?)"),
            ([.webhook, .delivered, .key], "by_webhook (account=? AND webhook=? AND id<?)"),
            ([.event], "by_event (event=? AND account=? AND id<?)"),
            ([.webhook, .event], "by_event (event=? AND account=? AND id<?)"),
            ([.webhook, .event, .failed], "by_event (event=? AND account=? AND id<?)"),
            ([.resource], "by_resource (account=? AND resource=? AND id<?)"),
            ([.resource, .webhook, .error], "by_resource (account=? AND resource=? AND id<?)"),
            ([.error], "by_error (webhook=? AND last_error=? AND id<?)"),
            ([.webhook, .error, .failed], "by_error (webhook=? AND last_error=? AND id<?)"),
            ([.redelivered], "by_trigger (webhook=? AND created_by=? AND id<?)"),
            ([], "by_webhook (account=? AND webhook=? AND id<?)"),
            ([.failed], "failed (webhook=? AND id<?)"),
            ([.open], "by_webhook (account=? AND webhook=? AND id<?)"),
        ] as [(Set<Narrowing>, String)])
    func history(narrowings: Set<Narrowing>, index: String) async throws {
        let folder = try SQLiteStoreTests.Folder()
        let traced = try Traced(folder.file)
        let webhook = try await traced.service.register(SQLiteStoreTests.registration, account: "acc_123").webhook
        var samples = SampleEvents(seed: 1)
        let receipt = try await traced.service.publish(samples.next())
        if narrowings.contains(.error) {
            try await traced.pool.write { try $0.execute(sql: "UPDATE taskflow_deliveries SET last_error = '503'") }
        }
        var query = Delivery.Query(accountID: "acc_123", before: "del_zzz")
        if narrowings.contains(.webhook) { query.webhookID = webhook.id }
        if narrowings.contains(.event) { query.eventID = receipt.eventID }
        if narrowings.contains(.failed) { query.phases = [.failed] }
        if narrowings.contains(.delivered) { query.phases = [.delivered] }
        if narrowings.contains(.open) { query.phases = Delivery.Phase.open }
        if narrowings.contains(.pending) { query.phases = [.pending] }
        if narrowings.contains(.resource) { query.resource = "task_1" }
        if narrowings.contains(.redelivered) { query.triggers = [.manual] }
        if narrowings.contains(.error) { query.errors = .init(types: ["503"]) }
        if narrowings.contains(.key) { query.orderingKey = "task_1" }
        let plans = try await traced.plans { _ = try await traced.store.deliveries(query) }
        let looks = plans.filter { $0.key.contains("FROM taskflow_deliveries") && $0.key.contains("LIMIT") }
        let plan = try #require(looks.count == 1 ? looks.values.first : nil, "\(plans)")
        #expect(plan.first == "SEARCH taskflow_deliveries USING INDEX taskflow_deliveries_\(index)")
        // Few open deliveries share a key; all other queries return rows in the order of their index.
        #expect(plan.count == (index.hasPrefix("chains") ? 2 : 1), "\(plan)")
    }

    @Test(
        "A replay scans the history through an index, in its order",
        arguments: [
            ([.failed], "failed (webhook=? AND id>?)"),
            ([.failed, .succeeded], "by_webhook (account=? AND webhook=? AND id>?)"),
        ] as [(Set<Delivery.State.Status>, String)])
    func replay(statuses: Set<Delivery.State.Status>, index: String) async throws {
        let folder = try SQLiteStoreTests.Folder()
        let traced = try Traced(folder.file)
        let webhook = try await traced.service.register(SQLiteStoreTests.registration, account: "acc_123").webhook
        let now = traced.clock.now
        let filter = Replay.Filter(webhookID: webhook.id, since: now, until: now + .seconds(60), statuses: statuses)
        let plans = try await traced.plans { _ = try await traced.store.count(filter, account: "acc_123") }
        let looks = plans.filter { $0.key.contains("FROM taskflow_deliveries") }
        let plan = try #require(looks.count == 1 ? looks.values.first : nil, "\(plans)")
        #expect(plan.contains("SEARCH taskflow_deliveries USING INDEX taskflow_deliveries_\(index)"), "\(plan)")
        #expect(!plan.contains { $0.contains("TEMP B-TREE") }, "\(plan)")
    }

    @Test("The delivery path reads no history, and erasing an account reads no other account")
    func work() async throws {
        let folder = try SQLiteStoreTests.Folder()
        let traced = try Traced(folder.file)
        try await traced.service.register(SQLiteStoreTests.registration, account: "acc_123")
        var samples = SampleEvents(seed: 1)
        let envelopes = try samples.take(8)
        let request = ClaimRequest(count: 2)
        let plans = try await traced.plans {
            for envelope in envelopes { try await traced.service.publish(envelope) }
            for round in 0..<4 {
                let claimed = try await traced.store.claim(request).deliveries
                #expect(claimed.count == 2)
                // The leases of the second round expire, and its deliveries are claimed again.
                if round == 1 {
                    traced.clock.advance(by: .seconds(600))
                    continue
                }
                let reports = claimed.map { claimed in
                    Settlement(
                        lease: claimed.lease,
                        attempt: Attempt(
                            number: 1, startedAt: traced.clock.now, duration: .milliseconds(3), statusCode: 200,
                            errorType: nil),
                        outcome: AttemptOutcome.response(status: 200, retryAfter: nil).kind, decision: .succeed)
                }
                _ = try await traced.store.settle(reports, rules: request.rules)
            }
            _ = try await traced.store.claim(request)
        }
        #expect(plans.keys.contains { $0.contains("UNION ALL") })
        func isHistory(_ step: String) -> Bool {
            step.contains("taskflow_deliveries_by_webhook")
                || ["deliveries", "events", "attempts"].contains { step.hasPrefix("SCAN taskflow_\($0)") }
                || step.hasPrefix("SCAN d") || step.hasPrefix("SCAN e")
        }
        for (statement, plan) in plans { #expect(!plan.contains(where: isHistory), "\(statement): \(plan)") }
        let erasing = try await traced.plans {
            let erased = try await traced.store.erase("acc_123", limit: 100)
            #expect(erased == 8)
        }
        for (statement, plan) in erasing {
            #expect(!plan.contains { $0.hasPrefix("SCAN") && !$0.contains("replays") }, "\(statement): \(plan)")
        }
    }
}
#endif
