#if SQLite
internal import GRDB
internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookStoreKit

extension DeliveryQuery {
    /// A query for each webhook, if it is for an account as a whole: their index has them webhook by webhook.
    func parts(_ db: Database) throws -> [DeliveryQuery] {
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
        // Step by step in SQL: a name that is no UTF-8 is another one here, and the next step would begin before it.
        try db.each(
            """
            WITH RECURSIVE names (webhook) AS (
                SELECT MIN(webhook) FROM taskflow_deliveries WHERE account = ?1
                UNION ALL SELECT (
                    SELECT MIN(d.webhook) FROM taskflow_deliveries d WHERE d.account = ?1 AND d.webhook > n.webhook)
                FROM names n WHERE n.webhook IS NOT NULL)
            SELECT webhook FROM names WHERE webhook IS NOT NULL
            """, account.rawValue
        ) { webhooks.append($0.text()) }
        return webhooks
    }

    /// As many as are wanted: a row of a later version must not hide the others.
    func run(after last: DeliveryID?, _ db: Database) throws -> [Delivery] {
        var (rest, deliveries) = (self, [Delivery]())
        while true {
            let page = try rest.page(after: last, db)
            deliveries += page.readable
            guard page.count == rest.limit, page.readable.count < page.count, let last = page.last,
                rest.before.map({ last < $0 }) ?? true
            else { return deliveries }
            rest.before = last
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
        add("sequence < ?", sequenceBelow)
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
