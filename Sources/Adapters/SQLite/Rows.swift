#if SQLite
internal import Foundation
internal import GRDB
internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookLimits
internal import WebhookPayload
internal import WebhookRetries
internal import WebhookSigning
internal import WebhookStoreKit

extension SQLiteStore {
    /// The columns of a webhook, in order: first those that show whether the settings are cached.
    static let webhookColumns =
        "id, version, \(WebhookProgress.columns), \(Webhook.settingsColumns), headers, secrets"

    /// Reads ``webhookColumns`` as a webhook with its unsealed secrets.
    func webhook(_ columns: inout Columns) throws -> RegisteredWebhook {
        let (id, version) = (columns.text(), columns.int())
        let progress = try WebhookProgress(reading: &columns, of: id)
        if let known = settings.webhook(id, version: version) {
            return RegisteredWebhook(webhook: progress.applied(to: known.webhook), secrets: known.secrets)
        }
        var webhook = progress.applied(to: try Webhook(readingSettings: &columns))
        let fields = CustomHeaders(stored: try secretColumn.decode(columns.bytes(), owner: id + "/headers"))
        guard let fields else { throw UnreadableRow(table: "taskflow_webhooks", id: id) }
        webhook.headers = fields
        let secrets = try SecretRotation(stored: secretColumn.decode(columns.bytes(), owner: id))
        let registered = RegisteredWebhook(webhook: webhook, secrets: secrets)
        settings.keep(registered)
        return registered
    }

    func insert(_ registered: RegisteredWebhook, _ db: Database) throws {
        let webhook = registered.webhook
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO taskflow_webhooks (id, account, created_at, secrets, url, events, format, headers, timeout,
                    retry_schedule, retry_jitter, retry_after_cap, ordering, requests_per_second, updated_at, description,
                    metadata, expires_at, allows_steering, sends_trace_context, version, state, state_reason, state_since,
                    last_triggered, last_success, succeeded, finished, quota_day, quota_used, slow_until, health)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        try statement.execute(
            arguments: [
                webhook.id.rawValue, webhook.accountID.rawValue, webhook.createdAt.microseconds,
                encoded(registered.secrets, of: webhook.id),
            ] + settings(of: webhook) + webhook.progress)
    }

    /// Encodes the secrets for their column.
    func encoded(_ secrets: SecretRotation, of webhook: WebhookID) throws -> Data {
        Data(try secretColumn.encode(secrets.stored, owner: webhook.rawValue))
    }

    /// Writes a webhook's settings.
    func updateSettings(of webhook: Webhook, _ db: Database) throws {
        let statement = try db.cachedStatement(
            sql: """
                UPDATE taskflow_webhooks SET url = ?, events = ?, format = ?, headers = ?, timeout = ?,
                    retry_schedule = ?, retry_jitter = ?, retry_after_cap = ?, ordering = ?, requests_per_second = ?,
                    updated_at = ?, description = ?, metadata = ?, expires_at = ?, allows_steering = ?,
                    sends_trace_context = ?, version = ?
                WHERE id = ?
                """)
        try statement.execute(arguments: settings(of: webhook) + [webhook.id.rawValue])
    }

    /// The webhook's settings, in the order of the columns.
    private func settings(of webhook: Webhook) throws -> StatementArguments {
        let headers = try secretColumn.encode(webhook.headers.stored, owner: webhook.id.rawValue + "/headers")
        return [
            webhook.url, webhook.events.stored, webhook.format.rawValue, Data(headers),
            webhook.timeout.wholeMicroseconds,
            webhook.retryPolicy.storedSchedule, webhook.retryPolicy.jitter,
            webhook.retryPolicy.retryAfterCap.wholeMicroseconds,
            webhook.ordering.rawValue, webhook.requestsPerSecond, webhook.updatedAt.microseconds,
            webhook.annotations.description, webhook.annotations.storedMetadata, webhook.expiresAt?.microseconds,
            webhook.allowsSteering, webhook.sendsTraceContext, webhook.version,
        ]
    }
}

extension Webhook {
    /// The values that deliveries change, in the order of the columns.
    fileprivate var progress: StatementArguments {
        [
            status.rawValue, statusReason?.rawValue, statusSince.microseconds, lastTriggered?.microseconds,
            lastSuccess?.microseconds, succeededDeliveries, finishedDeliveries, quota.day, quota.used,
            pace.slowUntil?.microseconds, Data(health.stored),
        ]
    }

    /// Writes the values that deliveries change.
    ///
    /// - Parameters:
    ///   - closed: How many of the webhook's deliveries end with this update.
    ///   - db: The database.
    /// - Throws: `DatabaseError`.
    func update(closed: Int = 0, _ db: Database) throws {
        try db.run(
            """
            UPDATE taskflow_webhooks SET state = ?, state_reason = ?, state_since = ?, last_triggered = ?, last_success = ?, succeeded = ?, finished = ?,
                quota_day = ?, quota_used = ?, slow_until = ?, health = ?, open = MAX(0, open - ?)
            WHERE id = ?
            """, status.rawValue, statusReason?.rawValue, statusSince.microseconds, lastTriggered?.microseconds,
            lastSuccess?.microseconds, succeededDeliveries, finishedDeliveries, quota.day, quota.used,
            pace.slowUntil?.microseconds, health.stored, closed,
            id.rawValue)
    }
}

extension Delivery {
    func insert(_ db: Database) throws {
        try db.run(
            """
            INSERT INTO taskflow_deliveries (sequence, id, account, event, event_type, webhook, created_at, created_by,
                redelivery_of, ordering_key, resource, status, due_at, token, attempts, expired_leases, sender_faults, is_charged,
                first_attempt_at, last_error, hold)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
                CASE WHEN EXISTS (SELECT 1 FROM taskflow_deliveries
                    WHERE webhook = ? AND ordering_key = ? AND is_open = 1 AND hold <> 'unreadable') THEN 'order' ELSE '' END)
            """, sequence, id.rawValue, accountID.rawValue, eventID.rawValue, eventType.rawValue, webhookID.rawValue,
            createdAt.microseconds, trigger.rawValue, redeliveryOf?.rawValue, orderingKey, resource,
            state.status.rawValue,
            state.dueAt.microseconds, state.token.rawValue, state.attempts, state.expiredLeases, state.senderFaults,
            state.isCharged, state.firstAttemptAt?.microseconds, state.lastError, webhookID.rawValue, orderingKey)
        try db.run(
            "UPDATE taskflow_webhooks SET open = MAX(1, MIN(open, 1 << 60) + 1) WHERE id = ?", webhookID.rawValue)
    }

    /// Writes the state.
    ///
    /// - Parameters:
    ///   - isCounted: Whether the webhook's own update counts down its open deliveries, if this delivery has ended.
    ///   - db: The database.
    /// - Throws: `DatabaseError`.
    func update(isCounted: Bool = false, _ db: Database) throws {
        try db.run(
            """
            UPDATE taskflow_deliveries SET status = ?, reason = ?, due_at = ?, token = ?, attempts = ?, expired_leases = ?,
                sender_faults = ?, is_charged = ?, first_attempt_at = ?, last_error = ?
            WHERE sequence = ?
            """, state.status.rawValue, state.reason?.rawValue, state.dueAt.microseconds, state.token.rawValue,
            state.attempts, state.expiredLeases, state.senderFaults, state.isCharged,
            state.firstAttemptAt?.microseconds, state.lastError, sequence
        )
        guard state.status.isFinal else { return }
        if !isCounted {
            try db.run("UPDATE taskflow_webhooks SET open = MAX(0, open - 1) WHERE id = ?", webhookID.rawValue)
        }
        // The next delivery with the ordering key becomes claimable.
        guard let orderingKey else { return }
        try db.run(
            """
            UPDATE taskflow_deliveries SET hold = '' WHERE sequence = (
                SELECT MIN(sequence) FROM taskflow_deliveries
                WHERE webhook = ? AND ordering_key = ? AND is_open = 1 AND hold = 'order')
            """, webhookID.rawValue, orderingKey)
    }
}

extension Attempt {
    func insert(of delivery: Delivery, _ db: Database) throws {
        try db.run(
            """
            INSERT INTO taskflow_attempts
                (delivery, number, webhook, started_at, duration, status_code, error_type, timings, exchange)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """, delivery.id.rawValue, number, delivery.webhookID.rawValue, startedAt.microseconds,
            duration.wholeMicroseconds, statusCode, errorType, timings?.stored, exchange?.stored)
        guard let body = exchange?.response?.body, !body.isEmpty else { return }
        try db.run(
            "INSERT INTO taskflow_response_bodies (delivery, number, started_at, body) VALUES (?, ?, ?, ?)",
            delivery.id.rawValue, number, startedAt.microseconds, body)
    }
}
#endif
