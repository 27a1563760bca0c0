#if PostgreSQL
internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookLimits
internal import WebhookRetries
internal import WebhookStoreKit

// The conversion of rows to values. Columns are read in the order of the lists below.

extension Delivery {
    /// Reads ``PostgresSchema/deliveryColumns``.
    init(_ row: inout PostgresRow) throws(PostgresError) {
        let identifier = try row.text()
        let (account, event, type, webhook) = (try row.text(), try row.text(), try row.text(), try row.text())
        let (createdAt, sequence, trigger) = (try row.time(), try row.integer(), try row.text())
        let (redeliveryOf, orderingKey) = (try row.optionalText(), try row.optionalText())
        let status = try row.text()
        let reason = try row.optionalText()
        let dueAt = try row.time()
        let (token, attempts, expiredLeases) = (try row.integer(), try row.integer(), try row.integer())
        let senderFaults = try row.integer()
        let (isCharged, firstAttemptAt) = (try row.bool(), try row.optionalTime())
        guard let id = DeliveryID(identifier), let account = AccountID(account), let event = EventID(event),
            let type = EventType(type), let webhook = WebhookID(webhook), let trigger = Trigger(rawValue: trigger),
            let status = Delivery.State.Status(rawValue: status)
        else { throw .unreadable("queue or deliveries", identifier) }
        self.init(
            id: id, eventID: event, eventType: type, webhookID: webhook, accountID: account, createdAt: createdAt,
            sequence: sequence, trigger: trigger, redeliveryOf: redeliveryOf.flatMap { DeliveryID($0) },
            orderingKey: orderingKey,
            state: Delivery.State(
                status: status, reason: reason.flatMap(Delivery.State.Reason.init(rawValue:)), dueAt: dueAt,
                token: Lease.FencingToken(token), attempts: Int(clamping: attempts),
                expiredLeases: Int(clamping: expiredLeases),
                senderFaults: Int(clamping: senderFaults), isCharged: isCharged, firstAttemptAt: firstAttemptAt))
    }
}

extension Webhook {
    /// The columns of a webhook, without its secrets and header fields.
    static let columns = """
        w.account, w.id, w.url, array_to_string(w.events, ' '), w.format, w.timeout, w.retry_schedule, w.retry_jitter, \
        w.retry_after_cap, w.ordering, w.requests_per_second, w.version, w.created_at, p.state, p.last_triggered, \
        p.last_success, p.succeeded, p.finished, p.quota_day, p.quota_used, p.slow_until, p.health
        """

    /// Reads ``columns``.
    init(_ row: inout PostgresRow) throws(PostgresError) {
        let (account, identifier, url, events) = (try row.text(), try row.text(), try row.text(), try row.text())
        let (format, timeout) = (try row.text(), try row.integer())
        let (schedule, jitter, cap) = (try row.text(), try row.double(), try row.integer())
        let (ordering, rate) = (try row.text(), try row.optionalInteger())
        let (version, createdAt, state) = (try row.integer(), try row.time(), try row.text())
        guard let id = WebhookID(identifier), let account = AccountID(account), let state = Status(rawValue: state),
            let format = Format(rawValue: format), let ordering = Ordering(rawValue: ordering),
            let retryPolicy = RetryPolicy(
                storedSchedule: schedule, jitter: jitter, retryAfterCap: .microseconds(cap))
        else { throw .unreadable("webhooks", identifier) }
        self.init(
            id: id, accountID: account, url: url, events: [EventPattern](stored: events), status: state, format: format,
            timeout: .microseconds(timeout), retryPolicy: retryPolicy, ordering: ordering,
            requestsPerSecond: rate.map { Int(clamping: $0) }, createdAt: createdAt)
        self.version = Int(clamping: version)
        lastTriggered = try row.optionalTime()
        lastSuccess = try row.optionalTime()
        succeededDeliveries = max(0, Int(clamping: try row.integer()))
        finishedDeliveries = max(0, Int(clamping: try row.integer()))
        quota = DailyQuota(day: try row.integer(), used: Int(clamping: try row.integer()))
        pace = Webhook.EndpointPace(slowUntil: try row.optionalTime())
        health = Webhook.Health(stored: try row.bytes())
    }
}

extension Attempt {
    /// The columns of an attempt.
    static let columns = "number, started_at, duration, status_code, error_type, timings"

    /// Reads ``columns``.
    init(_ row: inout PostgresRow) throws(PostgresError) {
        self.init(
            number: Int(clamping: try row.integer()), startedAt: try row.time(),
            duration: .microseconds(try row.integer()), statusCode: try row.optionalInteger().map { Int(clamping: $0) },
            errorType: try row.optionalText(),
            timings: try row.optionalText().flatMap { try? WebhookResponse.PhaseTimings(stored: $0) })
    }
}
#endif
