#if SQLite
internal import GRDB
public import WebhookDelivery
public import WebhookEvents

extension SQLiteStore {
    /// An event, without its bytes.
    public func event(_ id: EventID, account: AccountID) async throws -> StoredEvent? {
        try await database.read { db in
            let row = try db.first(
                "SELECT type, published_at, receipt FROM taskflow_events WHERE account = ? AND id = ?",
                account.rawValue, id.rawValue
            ) { ($0.text(), $0.moment(), $0.bytes()) }
            guard let (type, publishedAt, entries) = row else { return nil }
            guard let type = EventType(type), let receipt = PublishReceipt(duplicateOf: id, encodedEntries: entries)
            else { throw UnreadableRow(table: "taskflow_events", id: id.rawValue) }
            return StoredEvent(id: id, type: type, publishedAt: publishedAt, receipt: receipt)
        }
    }

    /// An account's deliveries, newest first.
    public func deliveries(_ query: DeliveryQuery) async throws -> [DeliveryHistory] {
        try await database.read { db in
            var deliveries: [Delivery] = []
            for part in try query.parts(db) {
                // Nothing older than a whole page is wanted.
                let last = deliveries.count == query.limit ? deliveries.last?.id : nil
                deliveries += try part.run(after: last, db)
                deliveries = Array(deliveries.sorted { $0.id > $1.id }.prefix(max(0, query.limit)))
            }
            return try deliveries.map { delivery in
                var attempts: [Attempt] = []
                try db.each(
                    "SELECT \(Attempt.columns) FROM taskflow_attempts WHERE delivery = ? ORDER BY number",
                    delivery.id.rawValue
                ) { attempts.append(Attempt(&$0)) }
                return DeliveryHistory(delivery: delivery, attempts: attempts)
            }
        }
    }

    /// Says how a webhook has been doing.
    public func statistics(
        of webhook: WebhookID, account: AccountID, over window: StatisticsWindow
    ) async throws -> DeliveryStatistics {
        try await database.read { db in
            var statistics = DeliveryStatistics(over: window)
            try db.each(
                """
                SELECT CASE WHEN d.attempts = a.number THEN d.status END, a.number, a.started_at, a.duration,
                    a.status_code, a.error_type, a.timings
                FROM taskflow_attempts a JOIN taskflow_deliveries d ON d.account = ?4 AND d.id = a.delivery
                WHERE a.webhook = ?1 AND a.started_at >= ?2 AND a.started_at < ?3 AND d.made_by <> 'test'
                """, webhook.rawValue, window.since.microseconds, window.until.microseconds, account.rawValue
            ) { columns in
                let ended = columns.optionalText().flatMap(DeliveryState.Status.init(rawValue:))
                statistics.add(Attempt(&columns), ended: ended.flatMap { $0.isFinal ? $0 : nil })
            }
            return statistics
        }
    }

    /// Counts deliveries by where they stand.
    public func ledger(of account: AccountID?) async throws -> Ledger {
        let condition = account == nil ? "" : "WHERE account = ?"
        let arguments: StatementArguments = account.map { [$0.rawValue] } ?? []
        return try await database.read { db in
            var ledger = Ledger()
            // What was accepted is counted from the events, not from the deliveries: the two must come to the same.
            // For an account, from those that have deliveries, since no index has all its events: only the ledger of all
            // accounts shows an event whose deliveries are gone.
            let own = "WHERE account = ?1 AND id IN (SELECT event FROM taskflow_deliveries WHERE account = ?1)"
            let accepted = "SELECT COALESCE(SUM(fan_out), 0) FROM taskflow_events \(account == nil ? "" : own)"
            ledger.accepted = try Int.fetchOne(db, sql: accepted, arguments: arguments) ?? 0
            let counts = "SELECT status, COUNT(*) AS count FROM taskflow_deliveries \(condition) GROUP BY status"
            for row in try Row.fetchAll(db, sql: counts, arguments: arguments) {
                guard let status = DeliveryState.Status(rawValue: row["status"]) else {
                    throw UnreadableRow(table: "taskflow_deliveries", id: "with status \(row["status"] as String)")
                }
                ledger.add(row["count"], status)
            }
            return ledger
        }
    }
}

extension DeliveryQuery {
    /// A query for each webhook, if it is for an account as a whole: their index has them webhook by webhook.
    fileprivate func parts(_ db: Database) throws -> [DeliveryQuery] {
        guard webhook == nil, event == nil else { return [self] }
        return try (phases.areOpen ? webhooksWithOpen(db) : webhooksWithAny(db)).map { webhook in
            var part = self
            part.webhook = WebhookID(unchecked: webhook)
            return part
        }
    }

    private func webhooksWithOpen(_ db: Database) throws -> [String] {
        var webhooks: [String] = []
        try db.each("SELECT id FROM taskflow_webhooks WHERE account = ? AND open > 0", account.rawValue) {
            webhooks.append($0.text())
        }
        return webhooks
    }

    /// Also those that were deleted.
    private func webhooksWithAny(_ db: Database) throws -> [String] {
        var webhooks: [String] = []
        let next = "SELECT MIN(webhook) FROM taskflow_deliveries WHERE account = ? AND webhook > ?"
        while let webhook = try db.first(next, account.rawValue, webhooks.last ?? "", reading: { $0.optionalText() })
            ?? nil
        {
            webhooks.append(webhook)
        }
        return webhooks
    }

    /// As many as are wanted: a row of a later version must not hide the others.
    fileprivate func run(after last: DeliveryID?, _ db: Database) throws -> [Delivery] {
        var (rest, deliveries) = (self, [Delivery]())
        while true {
            let page = try rest.page(after: last, db)
            deliveries += page.readable
            guard page.count == rest.limit, page.readable.count < page.count else { return deliveries }
            rest.before = page.last
            rest.limit -= page.readable.count
        }
    }

    private func page(
        after last: DeliveryID?, _ db: Database
    ) throws -> (readable: [Delivery], count: Int, last: DeliveryID?) {
        // Events, what is open with a key, and what has failed have indexes of their own: a plus keeps SQLite from taking another.
        let isByKey = orderingKey != nil && phases.areOpen
        let hasOwnIndex = event == nil && (isByKey || phases.areFailures)
        var conditions = [hasOwnIndex ? "+account = ?" : "account = ?"]
        var values: [any SQLBindable] = [account.rawValue]
        func add(_ condition: String, _ value: (some SQLBindable)?) {
            guard let value else { return }
            conditions.append(condition)
            values.append(value)
        }
        add(event == nil ? "webhook = ?" : "+webhook = ?", webhook?.rawValue)
        add("event = ?", event?.rawValue)
        add("event_type = ?", type?.rawValue)
        add("ordering_key = ?", orderingKey)
        add("created_at >= ?", since?.microseconds)
        add("created_at < ?", until?.microseconds)
        add("id < ?", before?.rawValue)
        add("id > ?", last?.rawValue)
        if !phases.isEmpty { conditions.append(phases.condition) }
        values.append(max(0, limit))
        let order = isByKey ? "+id" : "id"
        let sql = """
            SELECT \(Delivery.columns) FROM taskflow_deliveries WHERE \(conditions.joined(separator: " AND ")) ORDER BY \(order) DESC LIMIT ?
            """
        var page: (readable: [Delivery], count: Int, last: DeliveryID?) = ([], 0, nil)
        try db.each(sql, list: values) { columns in
            var first = columns
            page.count += 1
            page.last = DeliveryID(unchecked: first.text())
            if let delivery = try? Delivery(&columns) { page.readable.append(delivery) }
        }
        return page
    }
}

extension Set<DeliveryPhase> {
    fileprivate var areFailures: Bool { !isEmpty && isSubset(of: [.failed, .cancelled, .rejected]) }

    fileprivate var areOpen: Bool { !isEmpty && isSubset(of: DeliveryPhase.open) }

    /// The phases as a condition, in the words of the indexes of ordering keys and of what failed, so that they can be used.
    fileprivate var condition: String {
        if areOpen { return self == DeliveryPhase.open ? "is_open = 1" : "is_open = 1 AND \(storedCondition)" }
        return areFailures ? "is_failed = 1 AND \(storedCondition)" : storedCondition
    }
}
#endif
