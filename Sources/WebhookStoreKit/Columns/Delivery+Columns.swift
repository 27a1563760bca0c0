public import WebhookDelivery
internal import WebhookEvents

extension Delivery {
    /// The columns of a delivery.
    public static let columns = ColumnList(
        "id", "account", "event", "event_type", "webhook", "created_at", "sequence", "created_by", "redelivery_of",
        "ordering_key", "resource", "status", "reason", "due_at", "token", "attempts", "expired_leases",
        "sender_faults",
        "is_charged", "first_attempt_at", "last_error")

    /// Reads ``columns``.
    ///
    /// - Parameter row: The row; afterwards its next column is the one behind the delivery.
    /// - Throws: ``UnreadableRow``, or an error of the row.
    public init(reading row: inout some RowReader) throws {
        let identifier = try row.text()
        let (account, event, type, webhook) = (try row.text(), try row.text(), try row.text(), try row.text())
        let (createdAt, sequence, trigger) = (try row.time(), try row.integer(), try row.text())
        let (redeliveryOf, orderingKey, resource) = (
            try row.optionalText(), try row.optionalText(), try row.optionalText()
        )
        let state = try State(reading: &row)
        guard let id = DeliveryID(identifier), let account = AccountID(account), let event = EventID(event),
            let type = EventType(type), let webhook = WebhookID(webhook), let trigger = Trigger(rawValue: trigger),
            let state
        else { throw UnreadableRow(table: "deliveries", id: identifier) }
        self.init(
            id: id, eventID: event, eventType: type, webhookID: webhook, accountID: account, createdAt: createdAt,
            sequence: sequence, trigger: trigger, redeliveryOf: redeliveryOf.flatMap { DeliveryID($0) },
            orderingKey: orderingKey, resource: resource, state: state)
    }
}

extension Delivery.State {
    /// Reads the columns from `status` to `last_error`; `nil` if the status is unknown.
    fileprivate init?(reading row: inout some RowReader) throws {
        let (status, reason, dueAt) = (try row.text(), try row.optionalText(), try row.time())
        let (token, attempts, expiredLeases) = (try row.integer(), try row.int(), try row.int())
        let (senderFaults, isCharged, firstAttemptAt) = (try row.int(), try row.bool(), try row.optionalTime())
        let lastError = try row.optionalText()
        guard let status = Status(rawValue: status) else { return nil }
        self.init(
            status: status, reason: reason.flatMap(Reason.init(rawValue:)), dueAt: dueAt,
            token: Lease.FencingToken(token), attempts: attempts, expiredLeases: expiredLeases,
            senderFaults: senderFaults, isCharged: isCharged, firstAttemptAt: firstAttemptAt, lastError: lastError)
    }
}

extension Attempt {
    /// The columns of an attempt without its exchange, for statistics.
    public static let summaryColumns = ColumnList(
        "number", "started_at", "duration", "status_code", "error_type", "timings")

    /// The columns of an attempt with its exchange, which has no response body.
    public static let columns = ColumnList(
        "number", "started_at", "duration", "status_code", "error_type", "timings", "exchange")

    /// Reads ``summaryColumns``.
    ///
    /// - Parameter row: The row; afterwards its next column is the one behind the attempt.
    /// - Throws: An error of the row.
    public init(readingSummary row: inout some RowReader) throws {
        self.init(
            number: try row.int(), startedAt: try row.time(), duration: try row.span(),
            statusCode: try row.optionalInteger().map { Int(clamping: $0) }, errorType: try row.optionalText(),
            timings: try row.optionalText().flatMap { try? WebhookResponse.PhaseTimings(stored: $0) })
    }

    /// Reads ``columns``.
    ///
    /// - Parameter row: The row; afterwards its next column is the one behind the attempt.
    /// - Throws: An error of the row.
    public init(reading row: inout some RowReader) throws {
        let summary = try Attempt(readingSummary: &row)
        self.init(
            number: summary.number, startedAt: summary.startedAt, duration: summary.duration,
            statusCode: summary.statusCode, errorType: summary.errorType, timings: summary.timings,
            // An exchange of a later version must not hide the attempt.
            exchange: try row.optionalBytes().flatMap { try? Exchange(stored: $0) })
    }
}
