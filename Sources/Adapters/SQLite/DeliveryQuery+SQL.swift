#if SQLite
internal import GRDB
internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookStoreKit

extension Delivery.Query {
    /// Splits a query for a whole account into one query per webhook, because the index is by webhook.
    func parts(_ db: Database) throws -> [Delivery.Query] {
        guard webhookID == nil, eventID == nil else { return [self] }
        return try (phases.areOpen ? webhooksWithOpen(db) : webhooksWithAny(db)).map { webhook in
            var part = self
            part.webhookID = WebhookID(unchecked: webhook)
            return part
        }
    }

    private func webhooksWithOpen(_ db: Database) throws -> [String] {
        var webhooks: [String] = []
        try db.each("SELECT id FROM taskflow_webhooks WHERE account = ? AND open > 0", accountID.rawValue) {
            webhooks.append($0.text())
        }
        return webhooks
    }

    /// Returns all webhooks that have deliveries, including deleted ones.
    private func webhooksWithAny(_ db: Database) throws -> [String] {
        var webhooks: [String] = []
        // One recursive query: Swift changes a name that is not UTF-8, so a step from Swift would start before that
        // name.
        try db.each(
            """
            WITH RECURSIVE names (webhook) AS (
                SELECT MIN(webhook) FROM taskflow_deliveries WHERE account = ?1
                UNION ALL SELECT (
                    SELECT MIN(d.webhook) FROM taskflow_deliveries d WHERE d.account = ?1 AND d.webhook > n.webhook)
                FROM names n WHERE n.webhook IS NOT NULL)
            SELECT webhook FROM names WHERE webhook IS NOT NULL
            """, accountID.rawValue
        ) { webhooks.append($0.text()) }
        return webhooks
    }

    /// Returns up to `limit` deliveries: rows of a later version must not hide the others.
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
        // Events, open deliveries with a key, and failures have separate indexes: a plus keeps SQLite from using
        // another index.
        let isByKey = orderingKey != nil && phases.areOpen
        let hasOwnIndex = eventID == nil && (isByKey || phases.areFailures)
        var conditions = [hasOwnIndex ? "+account = ?" : "account = ?"]
        var values: [any SQLBindable] = [accountID.rawValue]
        func add(_ condition: String, _ value: (some SQLBindable)?) {
            guard let value else { return }
            conditions.append(condition)
            values.append(value)
        }
        add(eventID == nil ? "webhook = ?" : "+webhook = ?", webhookID?.rawValue)
        add("event = ?", eventID?.rawValue)
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
            if let delivery = try? Delivery(reading: &columns) { page.readable.append(delivery) }
        }
        return page
    }
}

extension Set<Delivery.Phase> {
    fileprivate var areFailures: Bool { !isEmpty && isSubset(of: [.failed, .cancelled, .rejected]) }

    fileprivate var areOpen: Bool { !isEmpty && isSubset(of: Delivery.Phase.open) }

    /// The phases as a condition, written like the conditions of the partial indexes, so that SQLite can use them.
    fileprivate var condition: String {
        if areOpen { return self == Delivery.Phase.open ? "is_open = 1" : "is_open = 1 AND \(storedCondition)" }
        return areFailures ? "is_failed = 1 AND \(storedCondition)" : storedCondition
    }
}
#endif
