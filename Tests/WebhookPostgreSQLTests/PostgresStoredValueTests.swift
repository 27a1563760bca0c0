#if PostgreSQL
import Foundation
import TaskFlowWebhooks
import Testing
import WebhookPostgreSQL
import WebhookTesting

/// No value in any column of any table stops the process, or another account.
///
/// For each column and value, a separate account is damaged. Then all operations of workers, owners and operators run
/// with it. A trap would end the whole test run. The other account must be served each time, and the damaged one
/// erased.
@Suite("PostgresStore, stored values", .enabled(if: TestServer.isAvailable), .timeLimit(.minutes(5)))
struct PostgresStoredValueTests {
    private static let healthy = AccountID(unchecked: "acc_healthy")

    /// The expressions that a column of a type is set to.
    private static func values(of type: String) -> [String] {
        switch type {
        case "bigint": ["9223372036854775807", "(-9223372036854775808)"]
        case "smallint": ["32767", "(-32768)"]
        case "double precision": ["'NaN'::float8", "'-Infinity'::float8"]
        case "timestamp with time zone": ["'infinity'::timestamptz", "'-infinity'::timestamptz"]
        case "boolean": ["true"]
        case "ARRAY": ["ARRAY['', ' ', '*']", "ARRAY[]::text[]"]
        case "text": ["''", "': '", "'1 9223372036854775807 9223372036854775807 9223372036854775807'"]
        default: [#"'\x'::bytea"#, #"'\x003a20'::bytea"#, "substr({column}, 1, length({column}) / 2)"]
        }
    }

    private func report(_ claimed: ClaimedDelivery, _ decision: RetryDecision) -> Settlement {
        let isSuccess = decision == .succeed
        let attempt = Attempt(
            number: claimed.delivery.state.attempts + 1, startedAt: SystemClock().now, duration: .milliseconds(5),
            statusCode: isSuccess ? 200 : 500, errorType: isSuccess ? nil : "500")
        return Settlement(
            lease: claimed.lease, attempt: attempt, outcome: isSuccess ? .success : .serverError, decision: decision)
    }

    private func publish(_ id: String, _ account: AccountID, _ database: TestDatabase) async throws {
        let type = try #require(EventType("thing.made"))
        let envelope = try Envelope(
            type: type, data: Array("{}".utf8), id: EventID(unchecked: id), timestamp: SystemClock().now,
            metadata: EventMetadata(accountID: account, orderingKey: "key"))
        try await database.service.publish(envelope)
    }

    /// Creates an account with ended, waiting and leased deliveries, and a replay.
    private func prepare(_ account: AccountID, _ database: TestDatabase) async throws -> WebhookID {
        let webhook = try await database.service.register(TestDatabase.registration, account: account).id
        for number in 0..<4 { try await publish("evt_\(number)", account, database) }
        let own = try await database.store.claim(ClaimRequest(count: 3)).deliveries
        let decisions: [RetryDecision] = [.succeed, .giveUp(.exhausted)]
        _ = try await database.store.settle(zip(own, decisions).map { report($0, $1) }, rules: DeliveryRules())
        let filter = Replay.Filter(
            webhookID: webhook, since: Timestamp(microseconds: 0), until: SystemClock().now + .seconds(60))
        _ = try await database.service.replay(filter, account: account, perSecond: 1)
        return webhook
    }

    /// Runs all operations; ignores all errors for the damaged account.
    private func useEverything(_ account: AccountID, _ webhook: WebhookID, _ database: TestDatabase) async {
        let (service, store) = (database.service, database.store)
        _ = try? await service.deliveries(Delivery.Query(accountID: account, limit: 100))
        _ = try? await service.webhooks(of: account)
        _ = try? await service.webhook(webhook, account: account)
        _ = try? await service.statistics(of: webhook, account: account)
        _ = try? await service.explain("evt_1", to: webhook, account: account)
        _ = try? await service.test(webhook, account: account, with: .taskCreated)
        _ = try? await service.update(webhook, Webhook.Update(), account: account)
        _ = try? await service.rotateSecret(of: webhook, account: account)
        _ = try? await service.disable(webhook, account: account)
        _ = try? await service.enable(webhook, account: account, backlog: .spread(perSecond: 10, .newestFirst))
        _ = try? await service.limits(of: account)
        _ = try? await service.deliveryCounts()
        try? await publish("evt_new", account, database)
        for _ in 0..<2 {
            let claimed = (try? await store.claim(ClaimRequest(count: 50)).deliveries) ?? []
            let reports = claimed.enumerated().map { report($1, $0 % 3 == 0 ? .retry(after: .zero) : .succeed) }
            _ = try? await store.settle(reports, rules: DeliveryRules())
            _ = try? await store.release(claimed.map { Release($0.lease, .senderFault) })
        }
    }

    @Test("Any value in any column holds up no other account")
    func extremes() async throws {
        let database = try await TestDatabase()
        try await database.service.register(TestDatabase.registration, account: Self.healthy)
        let listed = try database.psql(
            """
            SELECT c.table_name || ' ' || c.column_name || ' ' || c.data_type FROM information_schema.columns AS c
            JOIN information_schema.columns AS a ON a.table_schema = c.table_schema AND a.table_name = c.table_name
                AND a.column_name = 'account'
            WHERE c.table_schema = '{schema}' AND c.is_generated = 'NEVER' AND c.column_name <> 'account'
                AND c.table_name NOT LIKE '%default' AND c.table_name NOT LIKE '%endpoints'
                AND c.table_name !~ '[0-9]$'
            ORDER BY 1
            """
        ).output.split(separator: "\n")
        #expect(listed.count > 60, "\(listed.count) columns were found")
        var tried = 0
        for line in listed {
            let parts = line.split(separator: " ", maxSplits: 2).map(String.init)
            try #require(parts.count == 3)
            for value in Self.values(of: parts[2]) {
                tried += 1
                let account = AccountID(unchecked: "acc_\(tried)")
                let webhook = try await prepare(account, database)
                let set = "\(parts[1]) = \(value.replacing("{column}", with: parts[1]))"
                // Skips values that the column or a key rejects.
                _ = try database.psql("UPDATE {schema}.\(parts[0]) SET \(set) WHERE account = '\(account)'")
                await useEverything(account, webhook, database)
                try await check(account, "\(parts[0]): \(set)", number: tried, database)
            }
        }
        print("stored values tried: \(tried) in \(listed.count) columns")
    }

    private func check(_ account: AccountID, _ what: String, number: Int, _ database: TestDatabase) async throws {
        let (service, store) = (database.service, database.store)
        try await publish("evt_check_\(number)", Self.healthy, database)
        var found = false
        for _ in 0..<20 where !found {
            let claimed = try await store.claim(ClaimRequest(count: 100)).deliveries
            found = claimed.contains { $0.delivery.eventID.rawValue == "evt_check_\(number)" }
            let results = try await store.settle(claimed.map { report($0, .succeed) }, rules: DeliveryRules())
            for (claimed, result) in zip(claimed, results) where claimed.delivery.accountID == Self.healthy {
                #expect(result == .settled(nil), "\(what): a report of the other account")
            }
        }
        #expect(found, "\(what): the other account's event was not claimed")
        try await service.erase(account)
        #expect(try await service.webhooks(of: account).isEmpty, "\(what): its webhooks")
        #expect(try await service.unreadableWebhooks(of: account).isEmpty, "\(what): unreadable ones")
        #expect(try await service.webhooks(of: Self.healthy).count == 1, "\(what): the other account's webhooks")
    }
}
#endif
