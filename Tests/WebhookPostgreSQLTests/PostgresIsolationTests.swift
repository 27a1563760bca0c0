#if PostgreSQL
import Foundation
import TaskFlowWebhooks
import Testing
import WebhookPostgreSQL
import WebhookTesting

/// Checks that locks of one account's transactions do not delay another account.
///
/// All calls of the other account must end while the transaction is open; the transaction is closed afterwards.
@Suite("PostgresStore, isolation between accounts", .enabled(if: TestServer.isAvailable), .timeLimit(.minutes(2)))
struct PostgresIsolationTests {
    private func registered(limits: ServiceLimits = .standard) async throws -> TestDatabase {
        let database = try await TestDatabase()
        for account in ["acc_held", "acc_free"] as [AccountID] {
            try await database.service.register(TestDatabase.registration, account: account)
        }
        return database
    }

    private func publication(
        _ id: String, _ account: AccountID, _ database: TestDatabase, limit: Int = 100_000
    ) throws -> EventPublication {
        let type = try #require(EventType("thing.made"))
        let envelope = try Envelope(
            type: type, data: Array("{}".utf8), id: EventID(unchecked: id), timestamp: SystemClock().now,
            metadata: EventMetadata(accountID: account))
        return EventPublication(
            envelope, publishedAt: SystemClock().now, seed: UInt64(id.utf8.count),
            limits: ServiceLimits(openDeliveriesPerWebhook: limit))
    }

    /// A transaction that has run some statements and stays open; `{schema}` is replaced by the name of the schema.
    private func open(_ statements: [String], _ database: TestDatabase) async throws -> StoppedClient {
        let named = statements.map { $0.replacing("{schema}", with: database.configuration.schema) }
        let session = try StoppedClient(["BEGIN"] + named, configuration: database.configuration)
        let waits = """
            SELECT count(*) FROM pg_stat_activity
            WHERE application_name = '{schema}' AND state = 'active' AND wait_event = 'ClientRead'
            """
        while try database.psql(waits).output == "0" { await Task.yield() }
        return session
    }

    /// Publishes for both accounts at once, closes the transaction when the free account's events are committed, and
    /// expects the others to be committed afterwards.
    private func publishBeside(
        _ held: StoppedClient, _ database: TestDatabase, id: (Int) -> String, limit: Int = 100_000
    ) async throws {
        try await withThrowingTaskGroup(of: AccountID.self) { group in
            for number in 0..<20 {
                for (name, account) in [(id(number), "acc_held"), ("evt_free_\(number)", "acc_free")]
                    as [(String, AccountID)]
                {
                    let publication = try publication(name, account, database, limit: limit)
                    group.addTask {
                        _ = try await database.store.publish(publication)
                        return account
                    }
                }
            }
            var (free, all) = (0, 0)
            for try await account in group {
                all += 1
                if account == "acc_free" { free += 1 }
                if free == 20 { held.close() }
            }
            #expect(all == 40)
        }
        #expect(try await database.store.deliveryCounts(of: "acc_free").accepted == 20)
    }

    @Test("An open transaction that publishes does not hold up other accounts' events")
    func eventKeys() async throws {
        let database = try await registered()
        let held = try await open(
            [
                """
                SELECT {schema}.publish('{"id":"evt_held_0","type":"thing.made","data":{},
                    "metadata":{"account_id":"acc_held"}}')
                """
            ], database)
        // The transaction is rolled back, so that the event is new.
        try await publishBeside(held, database) { "evt_held_\($0)" }
        #expect(try await database.store.deliveryCounts(of: "acc_held").accepted == 20)
    }

    @Test(
        "Near the backlog's bound, waiting publishers of one account do not hold up other accounts' events")
    func nearTheBound() async throws {
        let database = try await registered()
        let lock = "hashtextextended('{schema}', 0) # hashtextextended('acc_held', 1)"
        let held = try await open(["SELECT pg_advisory_xact_lock(\(lock))"], database)
        try await publishBeside(held, database, id: { "evt_held_\($0)" }, limit: 4000)
        #expect(try await database.store.deliveryCounts(of: "acc_held").accepted == 20)
    }

    @Test("A held account does not delay claims, settlements or releases of another account")
    func work() async throws {
        let database = try await registered()
        for account in ["acc_held", "acc_free"] as [AccountID] {
            for number in 0..<2 {
                _ = try await database.store.publish(publication("evt_\(number)_\(account)", account, database))
            }
        }
        let claimed = try await database.claim()
        #expect(claimed.count == 4)
        let firsts = claimed.filter { $0.delivery.eventID.rawValue.hasPrefix("evt_0") }
        let seconds = claimed.filter { $0.delivery.eventID.rawValue.hasPrefix("evt_1") }
        let lock = "SELECT FROM {schema}.account_locks WHERE account = 'acc_held' FOR UPDATE"
        let held = try await open([lock], database)

        let results = try await database.store.settle(report(firsts), rules: DeliveryRules(), mayWait: false)
        for (claimed, result) in zip(firsts, results) {
            #expect(result == (claimed.delivery.accountID == "acc_held" ? .busy : .settled(nil)))
        }
        let left = try await database.store.release(seconds.map { Release($0.lease) }, mayWait: false)
        #expect(left.map(\.lease.accountID) == ["acc_held"])
        #expect(try await database.claim().map(\.delivery.accountID) == ["acc_free"])
        _ = try await database.store.publish(publication("evt_late", "acc_free", database))
        #expect(try await database.claim().map(\.delivery.eventID) == ["evt_late"])

        held.close()
        #expect(try await database.store.settle(report(firsts), rules: DeliveryRules()).contains(.settled(nil)))
        try await database.store.release(left)
        var request = ClaimRequest(count: 10)
        request.held = ["acc_held"]
        #expect(try await database.store.claim(request).deliveries.isEmpty, "an account that a worker reports for")
        #expect(try await database.claim().map(\.delivery.accountID) == ["acc_held"])
    }

    @Test("Calls that wait for an account leave connections to other accounts and to workers")
    func connections() async throws {
        let database = try await registered()
        let waiting = ["acc_held", "acc_held_2", "acc_held_3", "acc_held_4"] as [AccountID]
        for account in waiting.dropFirst() {
            try await database.service.register(TestDatabase.registration, account: account)
        }
        let lock = "SELECT FROM {schema}.account_locks WHERE account LIKE 'acc_held%' FOR UPDATE"
        let held = try await open([lock], database)
        try await withThrowingTaskGroup(of: Void.self) { group in
            // More calls than connections, of more accounts than connections.
            for account in waiting {
                for _ in 0..<3 {
                    group.addTask { try await database.service.register(TestDatabase.registration, account: account) }
                }
            }
            let waits = """
                SELECT count(*) FROM pg_stat_activity WHERE application_name = '{schema}' AND wait_event_type = 'Lock'
                """
            while try database.psql(waits).output == "0" { await Task.yield() }
            for number in 0..<8 {
                _ = try await database.store.publish(publication("evt_\(number)", "acc_free", database))
                try await database.service.register(TestDatabase.registration, account: "acc_free")
                #expect(try await database.claim().allSatisfy { $0.delivery.accountID == "acc_free" })
            }
            held.close()
            try await group.waitForAll()
        }
        for account in waiting { #expect(try await database.service.webhooks(of: account).count == 4) }
    }

    @Test("A report that waits for an account gets it despite many competing calls")
    func reportsAreNotPassedOver() async throws {
        let database = try await registered()
        _ = try await database.store.publish(publication("evt_1", "acc_held", database))
        let claimed = try await database.claim()
        let webhook = try #require(claimed.first).webhook.id
        // Clients of other processes compete for the account continuously.
        let other = try database.other(option: "statement_timeout=20000")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<3 {
                group.addTask {
                    while !Task.isCancelled {
                        _ = try await other.service.update(webhook, Webhook.Update(), account: "acc_held")
                    }
                }
            }
            #expect(try await database.store.settle(report(claimed), rules: DeliveryRules()) == [.settled(nil)])
            group.cancelAll()
            try await group.waitForAll()
        }
    }
}
#endif
