public import WebhookDelivery
internal import WebhookEvents
internal import WebhookLimits
internal import WebhookPayload
internal import WebhookRetries

extension Webhook {
    /// The columns of a webhook's settings, without its secrets and header fields, which are sealed.
    public static let settingsColumns = ColumnList(
        "account", "id", "url", "events", "format", "timeout", "retry_schedule", "retry_jitter", "retry_after_cap",
        "ordering", "requests_per_second", "version", "created_at", "updated_at", "description", "metadata",
        "expires_at",
        "allows_steering", "sends_trace_context")

    /// Reads ``settingsColumns``.
    ///
    /// - Parameter row: The row; afterwards its next column is the one behind the settings.
    /// - Throws: ``UnreadableRow``, or an error of the row.
    public init(readingSettings row: inout some RowReader) throws {
        let (account, identifier, url, events) = (try row.text(), try row.text(), try row.text(), try row.text())
        let (format, timeout) = (try row.text(), try row.span())
        let (schedule, jitter, cap) = (try row.text(), try row.double(), try row.span())
        let (ordering, rate, version) = (try row.text(), try row.optionalInteger(), try row.int())
        let (createdAt, updatedAt) = (try row.time(), try row.time())
        let annotations = Annotations(description: try row.text(), storedMetadata: try row.text())
        let (expiresAt, allowsSteering, sendsTraceContext) = (try row.optionalTime(), try row.bool(), try row.bool())
        guard let id = WebhookID(identifier), let account = AccountID(account), let format = Format(rawValue: format),
            let ordering = Ordering(rawValue: ordering),
            let retryPolicy = RetryPolicy(storedSchedule: schedule, jitter: jitter, retryAfterCap: cap)
        else { throw UnreadableRow(table: "webhooks", id: identifier) }
        self.init(
            id: id, accountID: account, url: url, events: [EventPattern](stored: events), format: format,
            timeout: timeout, retryPolicy: retryPolicy, ordering: ordering,
            requestsPerSecond: rate.map { Int(clamping: $0) }, annotations: annotations, expiresAt: expiresAt,
            allowsSteering: allowsSteering, sendsTraceContext: sendsTraceContext, createdAt: createdAt)
        (self.version, self.updatedAt) = (version, updatedAt)
    }
}

/// The values of a webhook that deliveries change.
public struct WebhookProgress {
    /// The columns.
    public static let columns = ColumnList(
        "state", "state_reason", "state_since", "last_triggered", "last_success", "succeeded", "finished", "quota_day",
        "quota_used", "slow_until",
        "health")

    private let state: Webhook.Status
    private let reason: Webhook.StatusReason?
    private let since: Timestamp
    private let lastTriggered: Timestamp?
    private let lastSuccess: Timestamp?
    private let succeeded: Int
    private let finished: Int
    private let quota: DailyQuota
    private let pace: Webhook.EndpointPace
    private let health: Webhook.Health

    /// Reads ``columns``.
    ///
    /// - Parameters:
    ///   - row: The row; afterwards its next column is the one behind the values.
    ///   - webhook: The webhook's identifier.
    /// - Throws: ``UnreadableRow``, or an error of the row.
    public init(reading row: inout some RowReader, of webhook: String) throws {
        let (state, reason) = (try row.text(), try row.optionalText())
        since = try row.time()
        lastTriggered = try row.optionalTime()
        lastSuccess = try row.optionalTime()
        succeeded = max(0, try row.int())
        finished = max(0, try row.int())
        quota = DailyQuota(day: try row.integer(), used: try row.int())
        pace = Webhook.EndpointPace(slowUntil: try row.optionalTime())
        health = Webhook.Health(stored: try row.bytes())
        guard let state = Webhook.Status(rawValue: state) else { throw UnreadableRow(table: "webhooks", id: webhook) }
        self.state = state
        self.reason = reason.flatMap(Webhook.StatusReason.init(rawValue:))
    }

    /// Returns a webhook with these values.
    ///
    /// - Parameter settings: A webhook with any values.
    /// - Returns: The webhook.
    public func applied(to settings: Webhook) -> Webhook {
        var webhook = settings
        webhook.restore(state, reason, since: since)
        (webhook.health, webhook.quota, webhook.pace) = (health, quota, pace)
        (webhook.lastTriggered, webhook.lastSuccess) = (lastTriggered, lastSuccess)
        (webhook.succeededDeliveries, webhook.finishedDeliveries) = (succeeded, finished)
        return webhook
    }
}
