#if SQLite
internal import Foundation
internal import GRDB
internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookLimits
internal import WebhookPayload
internal import WebhookRetries
internal import WebhookSigning

/// A row that this version of the library cannot read.
struct UnreadableRow: Error, CustomStringConvertible {
    let table: String
    let id: String

    var description: String { "The row \(id) of \(table) cannot be read; it was changed by hand or by a later version" }
}

extension SQLiteStore {
    /// A webhook with its secrets, unsealed.
    func webhook(row: Row) throws -> RegisteredWebhook {
        let id: String = row["id"]
        let headers = try secretColumn.decode(row.bytes("headers"), owner: id + "/headers")
        let secrets = try secretColumn.decode(row.bytes("secrets"), owner: id)
        return RegisteredWebhook(
            webhook: try Webhook(row: row, headers: CustomHeaders(stored: headers)),
            secrets: try SecretRotation(encoded: secrets))
    }

    func insert(_ registered: RegisteredWebhook, _ db: Database) throws {
        let webhook = registered.webhook
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO taskflow_webhooks (id, account, created_at, secrets, url, events, format, headers, timeout,
                    retry_schedule, retry_jitter, retry_after_cap, ordering, requests_per_second, version, state,
                    last_triggered, last_success, succeeded, finished, quota_day, quota_used, health)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        try statement.execute(
            arguments: [
                webhook.id.rawValue, webhook.account.rawValue, webhook.createdAt.microseconds,
                encoded(registered.secrets, of: webhook.id),
            ] + settings(of: webhook) + webhook.progress)
    }

    /// The secrets as their column has them.
    func encoded(_ secrets: SecretRotation, of webhook: WebhookID) throws -> Data {
        Data(try secretColumn.encode(secrets.encoded(), owner: webhook.rawValue))
    }

    /// Writes what a webhook's owner decides.
    func updateSettings(of webhook: Webhook, _ db: Database) throws {
        let statement = try db.cachedStatement(
            sql: """
                UPDATE taskflow_webhooks SET url = ?, events = ?, format = ?, headers = ?, timeout = ?,
                    retry_schedule = ?, retry_jitter = ?, retry_after_cap = ?, ordering = ?, requests_per_second = ?,
                    version = ?
                WHERE id = ?
                """)
        try statement.execute(arguments: settings(of: webhook) + [webhook.id.rawValue])
    }

    /// What its owner decides, in the order of the columns.
    private func settings(of webhook: Webhook) throws -> StatementArguments {
        let headers = try secretColumn.encode(webhook.headers.stored, owner: webhook.id.rawValue + "/headers")
        return [
            webhook.url, webhook.events.stored, webhook.format.rawValue, Data(headers),
            webhook.timeout.wholeMicroseconds,
            webhook.retryPolicy.storedSchedule, webhook.retryPolicy.jitter,
            webhook.retryPolicy.retryAfterCap.wholeMicroseconds,
            webhook.ordering.rawValue, webhook.requestsPerSecond, webhook.version,
        ]
    }
}

extension Webhook {
    fileprivate init(row: Row, headers: CustomHeaders) throws {
        let identifier: String = row["id"]
        guard let id = WebhookID(identifier), let account = AccountID(row["account"]),
            let state = Webhook.State(rawValue: row["state"]), let format = Webhook.Format(rawValue: row["format"]),
            let ordering = Webhook.Ordering(rawValue: row["ordering"]),
            let retryPolicy = RetryPolicy(
                storedSchedule: row["retry_schedule"], jitter: row["retry_jitter"],
                retryAfterCap: .microseconds(row["retry_after_cap"] as Int64))
        else { throw UnreadableRow(table: "taskflow_webhooks", id: identifier) }
        self.init(
            id: id, account: account, url: row["url"],
            events: [EventPattern](stored: row["events"]),
            state: state, format: format, headers: headers, timeout: .microseconds(row["timeout"] as Int64),
            retryPolicy: retryPolicy, ordering: ordering, requestsPerSecond: row["requests_per_second"],
            createdAt: Timestamp(microseconds: row["created_at"]))
        version = row["version"]
        health = WebhookHealth(encoded: try row.bytes("health"))
        lastTriggered = (row["last_triggered"] as Int64?).map { Timestamp(microseconds: $0) }
        lastSuccess = (row["last_success"] as Int64?).map { Timestamp(microseconds: $0) }
        succeededDeliveries = row["succeeded"]
        finishedDeliveries = row["finished"]
        quota = DailyQuota(day: row["quota_day"], used: row["quota_used"])
    }

    /// What deliveries change, in the order of the columns.
    fileprivate var progress: StatementArguments {
        [
            state.rawValue, lastTriggered?.microseconds, lastSuccess?.microseconds, succeededDeliveries,
            finishedDeliveries, quota.day, quota.used, Data(health.encoded()),
        ]
    }

    /// Writes what deliveries change.
    func update(_ db: Database) throws {
        let statement = try db.cachedStatement(
            sql: """
                UPDATE taskflow_webhooks SET state = ?, last_triggered = ?, last_success = ?, succeeded = ?,
                    finished = ?, quota_day = ?, quota_used = ?, health = ?
                WHERE id = ?
                """)
        try statement.execute(arguments: progress + [id.rawValue])
    }
}

extension Delivery {
    init(row: Row) throws {
        let identifier: String = row["id"]
        guard let id = DeliveryID(identifier), let account = AccountID(row["account"]),
            let event = EventID(row["event"]), let type = EventType(row["event_type"]),
            let webhook = WebhookID(row["webhook"]), let status = DeliveryState.Status(rawValue: row["status"]),
            let trigger = Trigger(rawValue: row["made_by"])
        else { throw UnreadableRow(table: "taskflow_deliveries", id: identifier) }
        let state = DeliveryState(
            status: status, reason: (row["reason"] as String?).flatMap(DeliveryState.Reason.init(rawValue:)),
            dueAt: Timestamp(microseconds: row["due_at"]), token: FencingToken(row["token"]),
            attempts: row["attempts"], crashes: row["crashes"], isCharged: row["is_charged"],
            firstAttemptAt: (row["first_attempt_at"] as Int64?).map { Timestamp(microseconds: $0) })
        self.init(
            id: id, event: event, eventType: type, webhook: webhook, account: account,
            createdAt: Timestamp(microseconds: row["created_at"]), sequence: row["sequence"], trigger: trigger,
            redeliveryOf: (row["redelivery_of"] as String?).flatMap { DeliveryID($0) },
            orderingKey: row["ordering_key"], state: state)
    }

    func insert(_ db: Database) throws {
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO taskflow_deliveries (sequence, id, account, event, event_type, webhook, created_at, made_by,
                    redelivery_of, ordering_key, status, due_at, token, attempts, crashes, is_charged, first_attempt_at,
                    is_blocked)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
                    EXISTS (SELECT 1 FROM taskflow_deliveries WHERE webhook = ? AND ordering_key = ?
                        AND status IN ('pending', 'leased')))
                """)
        try statement.execute(arguments: [
            sequence, id.rawValue, account.rawValue, event.rawValue, eventType.rawValue, webhook.rawValue,
            createdAt.microseconds, trigger.rawValue, redeliveryOf?.rawValue, orderingKey, state.status.rawValue,
            state.dueAt.microseconds, state.token.rawValue, state.attempts, state.crashes, state.isCharged,
            state.firstAttemptAt?.microseconds, webhook.rawValue, orderingKey,
        ])
        let count = try db.cachedStatement(sql: "UPDATE taskflow_webhooks SET open = open + 1 WHERE id = ?")
        try count.execute(arguments: [webhook.rawValue])
    }

    /// Writes the state.
    func update(_ db: Database) throws {
        let statement = try db.cachedStatement(
            sql: """
                UPDATE taskflow_deliveries SET status = ?, reason = ?, due_at = ?, token = ?, attempts = ?,
                    crashes = ?, is_charged = ?, first_attempt_at = ?
                WHERE id = ?
                """)
        try statement.execute(arguments: [
            state.status.rawValue, state.reason?.rawValue, state.dueAt.microseconds, state.token.rawValue,
            state.attempts, state.crashes, state.isCharged, state.firstAttemptAt?.microseconds, id.rawValue,
        ])
        if state.status.isFinal { try finish(db) }
    }

    /// It was open and has ended: the next one with its ordering key may go.
    private func finish(_ db: Database) throws {
        let count = try db.cachedStatement(sql: "UPDATE taskflow_webhooks SET open = open - 1 WHERE id = ?")
        try count.execute(arguments: [webhook.rawValue])
        guard let orderingKey else { return }
        let next = try db.cachedStatement(
            sql: """
                UPDATE taskflow_deliveries SET is_blocked = 0 WHERE sequence = (
                    SELECT MIN(sequence) FROM taskflow_deliveries
                    WHERE webhook = ? AND ordering_key = ? AND status IN ('pending', 'leased'))
                """)
        try next.execute(arguments: [webhook.rawValue, orderingKey])
    }

    /// A webhook's open deliveries, oldest first.
    static func open(of webhook: WebhookID, _ db: Database) throws -> [Delivery] {
        let sql = """
            SELECT * FROM taskflow_deliveries WHERE webhook = ? AND status IN ('pending', 'leased') ORDER BY sequence
            """
        return try Row.fetchAll(db, sql: sql, arguments: [webhook.rawValue]).map(Delivery.init(row:))
    }
}

extension Attempt {
    init(row: Row) {
        self.init(
            number: row["number"], startedAt: Timestamp(microseconds: row["started_at"]),
            duration: .microseconds(row["duration"] as Int64), statusCode: row["status_code"],
            errorType: row["error_type"], timings: (row["timings"] as String?).flatMap(PhaseTimings.init(encoded:)))
    }

    func insert(of delivery: Delivery, _ db: Database) throws {
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO taskflow_attempts
                    (delivery, number, webhook, started_at, duration, status_code, error_type, timings)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """)
        try statement.execute(arguments: [
            delivery.id.rawValue, number, delivery.webhook.rawValue, startedAt.microseconds, duration.wholeMicroseconds,
            statusCode, errorType, timings?.encoded,
        ])
    }
}
#endif
