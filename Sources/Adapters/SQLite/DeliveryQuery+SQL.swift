#if SQLite
internal import GRDB
internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookStoreKit

extension Delivery.Query {
    /// The index that a query uses.
    ///
    /// Most indexes begin with the webhook, the others serve a whole account.
    enum Index: String {
        case byEvent = "by_event"
        case byResource = "by_resource"
        case byError = "by_error"
        case byTrigger = "by_trigger"
        case chains, failed
        case byWebhook = "by_webhook"
    }

    var index: Index {
        if eventID != nil { return .byEvent }
        if resource != nil { return .byResource }
        if errors != nil { return .byError }
        if !triggers.isEmpty, !triggers.contains(.event) { return .byTrigger }
        if orderingKey != nil, phases.areOpen { return .chains }
        return phases.areFailures ? .failed : .byWebhook
    }

    /// Splits a query into queries that read one range of an index, in the order of identifiers.
    func parts(_ db: Database) throws -> [Delivery.Query] {
        let index = index
        if index == .byEvent || index == .byResource { return [self] }
        let webhooks =
            try webhookID.map { [$0.rawValue] } ?? (phases.areOpen ? webhooksWithOpen(db) : webhooksWithAny(db))
        return try webhooks.flatMap { webhook in
            var part = self
            part.webhookID = WebhookID(unchecked: webhook)
            switch index {
            case .byError: return try part.partsByError(db)
            case .byTrigger:
                return triggers.map { trigger in
                    part.triggers = [trigger]
                    return part
                }
            default: return [part]
            }
        }
    }

    /// Splits a query of one webhook by the error types that its deliveries have.
    private func partsByError(_ db: Database) throws -> [Delivery.Query] {
        var types: [String] = []
        try db.each(
            """
            WITH RECURSIVE names (name) AS (
                SELECT MIN(last_error) FROM taskflow_deliveries WHERE webhook = ?1 AND last_error IS NOT NULL
                UNION ALL SELECT (
                    SELECT MIN(d.last_error) FROM taskflow_deliveries d WHERE d.webhook = ?1 AND d.last_error > n.name)
                FROM names n WHERE n.name IS NOT NULL)
            SELECT name FROM names WHERE name IS NOT NULL
            """, webhookID?.rawValue
        ) { types.append($0.text()) }
        return types.filter { errors?.contains($0) ?? false }.map { type in
            var part = self
            part.errors = Delivery.ErrorSelection(types: [type])
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
        let index = index
        var conditions = ["account = ?"]
        var values: [any SQLBindable] = [accountID.rawValue]
        func add(_ condition: String, _ value: (some SQLBindable)?) {
            guard let value else { return }
            conditions.append(condition)
            values.append(value)
        }
        func add(_ column: String, in names: [String]) {
            conditions.append("\(column) IN (\(names.map { _ in "?" }.joined(separator: ", ")))")
            values += names
        }
        add("webhook = ?", webhookID?.rawValue)
        add("event = ?", eventID?.rawValue)
        add("event_type = ?", type?.rawValue)
        add("ordering_key = ?", orderingKey)
        add("resource = ?", resource)
        add("sequence < ?", sequenceBelow)
        add("created_at >= ?", since?.microseconds)
        add("created_at < ?", until?.microseconds)
        add("id < ?", before?.rawValue)
        add("id > ?", last?.rawValue)
        if index == .byError {
            add("last_error = ?", errors?.types.first)
        } else if errors != nil {
            conditions.append("last_error IS NOT NULL")
        }
        if index == .byTrigger { conditions.append("created_by <> 'event'") }
        if !triggers.isEmpty { add("created_by", in: triggers.map(\.rawValue).sorted()) }
        if !phases.isEmpty { conditions.append(phases.condition) }
        values.append(max(0, limit))
        // SQLite must not choose another index: its order would differ from that of the identifiers.
        let sql = """
            SELECT \(Delivery.columns) FROM taskflow_deliveries INDEXED BY taskflow_deliveries_\(index.rawValue)
            WHERE \(conditions.joined(separator: " AND ")) ORDER BY id DESC LIMIT ?
            """
        var page: (readable: [Delivery], count: Int, last: DeliveryID?) = ([], 0, nil)
        try db.each(sql, list: values) { columns in
            var first = columns
            page.count += 1
            page.last = DeliveryID(unchecked: first.text())
            // With the index of events or resources, the errors are compared here.
            if let delivery = try? Delivery(reading: &columns), errors?.contains(delivery.state.lastError) ?? true {
                page.readable.append(delivery)
            }
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
