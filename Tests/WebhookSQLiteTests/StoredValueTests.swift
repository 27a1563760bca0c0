#if SQLite
import Foundation
import GRDB
import TaskFlowWebhooks
import Testing
import WebhookSQLite
import WebhookTesting

/// No value in any column of any table stops the process, or another account.
///
/// One account's rows are set to every extreme value, column by column. Then all operations of workers, owners and
/// operators run with them. A trap would end the whole test run. The other account must be served each time, and the
/// damaged one erased.
@Suite("SQLiteStore, stored values", .timeLimit(.minutes(5)))
struct StoredValueTests {
    private static let (damaged, healthy) = (AccountID(unchecked: "acc_damaged"), AccountID(unchecked: "acc_healthy"))

    /// The expressions that a column of a type is set to.
    private static func values(of type: String, using generator: inout SeededGenerator) -> [String] {
        switch type {
        case "INTEGER":
            [
                "9223372036854775807", "-9223372036854775808", "4611686018427387904",
                String(Int64.random(in: .min ... .max, using: &generator)),
            ]
        case "REAL": ["-1", "1e308", "9e999"]
        case "TEXT":
            [
                "''", "': '", "CAST(x'ff00fe' AS TEXT)", "substr({column}, 1, length({column}) / 2)",
                "'1 9223372036854775807 9223372036854775807 9223372036854775807'",
            ]
        default:
            [
                "x''", "x'003a20'", "CAST(': ' AS BLOB)", "randomblob(64)", "substr({column}, 1, length({column}) / 2)",
                #"CAST('{"version":1,"failing_since":9223372036854775807,"breaks":9223372036854775807,' || "#
                    + #"'"opens_at":-9223372036854775808,"next_request":9223372036854775807}' AS BLOB)"#,
            ]
        }
    }

    private struct Column: Sendable {
        let table: String
        let name: String
        let type: String
    }

    /// Creates a file with rows of both accounts in every table: delivered, waiting, leased, failed, ordered and
    /// replayed ones.
    private static func prepare(_ path: String, _ clock: ManualClock) async throws {
        let store = try SQLiteStore(path: path, clock: clock)
        let service = service(store, clock)
        for account in [damaged, healthy] {
            let webhook = try await service.register(
                WebhookRegistration(
                    url: "https://yourapp.com/", events: [.all], secret: .generate(),
                    headers: try CustomHeaders(["Authorization": "Bearer x"]), requestsPerSecond: 1000),
                account: account)
            if account == damaged {
                try await service.register(
                    WebhookRegistration(
                        url: "https://yourapp.com/", events: [.all], secret: .generate(), ordering: .resource),
                    account: account)
            }
            for number in 0..<6 { try await publish("evt_\(number)_\(account)", account, service) }
            let claimed = try await store.claim(ClaimRequest(count: 4)).deliveries
            let decisions: [RetryDecision] = [.succeed, .retry(after: .seconds(1)), .giveUp(.exhausted)]
            _ = try await store.settle(
                zip(claimed, decisions).map { report($0, $1, clock) }, rules: DeliveryRules())
            _ = try await service.replay(
                Replay.Filter(
                    webhookID: webhook.id, since: Timestamp(microseconds: 0), until: clock.now + .seconds(60)),
                account: account, perSecond: 1)
        }
    }

    private static func service(_ store: SQLiteStore, _ clock: ManualClock) -> WebhookService {
        WebhookService(
            store: store, transport: ScriptedTransport(statuses: [200]), clock: clock,
            random: SeededRandomSource(seed: 11))
    }

    @discardableResult
    private static func publish(
        _ id: String, _ account: AccountID, _ service: WebhookService
    ) async throws -> PublishReceipt {
        let task = TaskObject(
            id: "task_1", title: "T", createdAt: Timestamp(unixSeconds: 1_707_583_522),
            updatedAt: Timestamp(unixSeconds: 1_707_583_522), url: "https://app.taskflow.example/tasks/task_1")
        return try await service.publish(TaskCreated(task), account: account, id: EventID(unchecked: id))
    }

    private static func report(
        _ claimed: ClaimedDelivery, _ decision: RetryDecision, _ clock: ManualClock
    ) -> Settlement {
        let isSuccess = decision == .succeed
        let attempt = Attempt(
            number: claimed.delivery.state.attempts + 1, startedAt: clock.now, duration: .milliseconds(5),
            statusCode: isSuccess ? 200 : 500, errorType: isSuccess ? nil : "500")
        return Settlement(
            lease: claimed.lease, attempt: attempt, outcome: isSuccess ? .success : .serverError, decision: decision)
    }

    /// Runs all operations with both accounts; ignores all errors for the damaged one.
    private static func useEverything(_ store: SQLiteStore, _ clock: ManualClock) async {
        let service = service(store, clock)
        let queries = [Delivery.Query(accountID: damaged, limit: 100), Delivery.Query(accountID: healthy, limit: 100)]
        for query in queries { _ = try? await service.deliveries(query) }
        let webhooks = (try? await service.webhooks(of: damaged)) ?? []
        let ids = webhooks.map(\.id) + ((try? await service.unreadableWebhooks(of: damaged)) ?? [])
        for id in ids {
            _ = try? await service.webhook(id, account: damaged)
            _ = try? await service.statistics(of: id, account: damaged)
            _ = try? await service.explain(EventID(unchecked: "evt_1_\(damaged)"), to: id, account: damaged)
            _ = try? await service.test(id, account: damaged, with: .taskCreated)
            _ = try? await service.update(id, Webhook.Update(), account: damaged)
            _ = try? await service.rotateSecret(of: id, account: damaged)
            _ = try? await service.disable(id, account: damaged)
            _ = try? await service.enable(id, account: damaged, backlog: .spread(perSecond: 10, .newestFirst))
            let filter = Replay.Filter(
                webhookID: id, since: Timestamp(microseconds: .min), until: Timestamp(microseconds: .max))
            _ = try? await service.replay(filter, account: damaged, perSecond: 100)
        }
        for webhook in webhooks { _ = webhook.deliverySuccessRate }
        _ = try? await service.limits(of: damaged)
        _ = try? await service.deliveryCounts()
        _ = try? await publish("evt_new", damaged, service)
        _ = try? await store.checkIntegrity()
        for _ in 0..<3 {
            clock.advance(by: .seconds(20))
            let claimed = (try? await store.claim(ClaimRequest(count: 50)).deliveries) ?? []
            let reports = claimed.enumerated().map { number, claimed in
                report(claimed, number % 3 == 0 ? .retry(after: .seconds(1)) : .succeed, clock)
            }
            _ = try? await store.settle(reports, rules: DeliveryRules())
            _ = try? await store.release(claimed.map { Release($0.lease, .senderFault) })
        }
        _ = try? await service.prune(olderThan: .seconds(1_000_000))
    }

    @Test("Any value in any column holds up no other account")
    func extremes() async throws {
        // In memory where possible: otherwise thousands of commits would wait for the disk.
        let memory = URL(fileURLWithPath: "/dev/shm")
        let place =
            FileManager.default.isWritableFile(atPath: memory.path()) ? memory : FileManager.default.temporaryDirectory
        let folder = place.appending(path: "stored-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let origin = folder.appending(path: "origin.sqlite").path()
        try await Self.prepare(origin, ManualClock())
        let columns = try await DatabaseQueue(path: origin).writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
            return try String.fetchAll(
                db, sql: "SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 'taskflow_%'"
            ).filter { $0 != "taskflow_schema" }.flatMap { table in
                try Row.fetchAll(db, sql: "SELECT name, type FROM pragma_table_info(?)", arguments: [table]).map {
                    Column(table: table, name: $0["name"], type: $0["type"])
                }
            }
        }
        #expect(columns.count > 60, "\(columns.count) columns were found")
        var generator = SeededGenerator(seed: 20_261_128)
        var tried = 0
        for column in columns {
            for value in Self.values(of: column.type, using: &generator) {
                let path = folder.appending(path: "\(column.table)-\(column.name)-\(tried).sqlite").path()
                try FileManager.default.copyItem(atPath: origin, toPath: path)
                defer { for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + end) } }
                tried += 1
                try await damage(path, column, value)
                try await check(path, "\(column.table).\(column.name) = \(value)")
            }
        }
        print("stored values tried: \(tried) in \(columns.count) columns")
    }

    /// Sets a column of the damaged account's rows.
    private func damage(_ path: String, _ column: Column, _ value: String) async throws {
        let expression = value.replacing("{column}", with: column.name)
        let queue = try DatabaseQueue(path: path)
        let own: String
        switch column.table {
        case "taskflow_turns": own = "1"
        case "taskflow_attempts": own = "webhook IN (SELECT id FROM taskflow_webhooks WHERE account = 'acc_damaged')"
        default: own = "account = 'acc_damaged'"
        }
        try await queue.write { db in
            // Skips values that the column rejects.
            try? db.execute(sql: "UPDATE OR IGNORE \(column.table) SET \(column.name) = \(expression) WHERE \(own)")
        }
    }

    private func check(_ path: String, _ what: String) async throws {
        let clock = ManualClock()
        clock.advance(by: .seconds(60))
        let store = try SQLiteStore(path: path, clock: clock)
        await Self.useEverything(store, clock)

        let service = Self.service(store, clock)
        try await Self.publish("evt_check", Self.healthy, service)
        var found = false
        for _ in 0..<4 where !found {
            let claimed = try await store.claim(ClaimRequest(count: 100)).deliveries
            found = claimed.contains { $0.delivery.eventID.rawValue == "evt_check" }
            let results = try await store.settle(
                claimed.map { Self.report($0, .succeed, clock) }, rules: DeliveryRules())
            for (claimed, result) in zip(claimed, results) where claimed.delivery.accountID == Self.healthy {
                #expect(result == .settled(nil), "\(what): a report of the other account")
            }
            clock.advance(by: .seconds(20))
        }
        #expect(found, "\(what): the other account's event was not claimed")
        #expect(try await service.webhooks(of: Self.healthy).count == 1, "\(what)")

        try await service.erase(Self.damaged)
        #expect(try await service.webhooks(of: Self.damaged).isEmpty, "\(what): its webhooks")
        #expect(try await service.unreadableWebhooks(of: Self.damaged).isEmpty, "\(what): unreadable ones")
        #expect(try await service.webhooks(of: Self.healthy).count == 1, "\(what): the other account's webhooks")
    }
}
#endif
