#if PostgreSQL
internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookStoreKit

// The search for deliveries, each part of which reads one range of an index in the order of identifiers.
extension PostgresStore {
    /// A range of the index by webhook and error, or of the index by webhook and trigger.
    private struct Range: Hashable {
        let webhook: String
        let value: String
    }

    /// The column whose values split a query, and the condition of its partial index.
    private enum Splitter: String {
        case error = "last_error"
        case trigger = "created_by"

        init?(_ query: Delivery.Query) {
            if query.eventID != nil || query.resource != nil { return nil }
            if query.errors != nil {
                self = .error
            } else if !query.triggers.isEmpty, !query.triggers.contains(.event) {
                self = .trigger
            } else {
                return nil
            }
        }

        var indexCondition: String { self == .error ? "last_error IS NOT NULL" : "created_by <> 'event'" }

        func selects(_ value: String, _ query: Delivery.Query) -> Bool {
            switch self {
            case .error: query.errors?.contains(value) ?? true
            case .trigger: query.triggers.contains { $0.rawValue == value }
            }
        }
    }

    /// Returns the rows of up to `limit` deliveries, newest first, beginning after a delivery.
    func search(_ query: Delivery.Query, _ session: PostgresSession) throws -> [PostgresRow] {
        guard let splitter = Splitter(query) else { return try search(query, nil, [], session) }
        let ranges = try ranges(splitter, query, session).filter { splitter.selects($0.value, query) }
        return ranges.isEmpty ? [] : try search(query, splitter, Array(ranges), session)
    }

    /// Returns the webhooks of the account and the values that their deliveries have, by one step in the index for each.
    private func ranges(
        _ splitter: Splitter, _ query: Delivery.Query, _ session: PostgresSession
    ) throws -> Set<Range> {
        let column = splitter.rawValue
        // A condition that allows both cases would not use the index.
        let isOfWebhook = query.webhookID != nil
        let owner = "account = $1 \(isOfWebhook ? "AND webhook = $2" : "") AND \(splitter.indexCondition)"
        let account = PostgresParameter.text(query.accountID.rawValue)
        let parameters = [account] + (query.webhookID.map { [.text($0.rawValue)] } ?? [])
        let statements = tables(query).map { table in
            PostgresStatement(
                """
                WITH RECURSIVE n AS (
                    (SELECT webhook, \(column) AS value FROM \(table) WHERE \(owner) ORDER BY webhook, \(column) LIMIT 1)
                    UNION ALL SELECT d.webhook, d.value FROM n CROSS JOIN LATERAL (
                        SELECT webhook, \(column) AS value FROM \(table)
                        WHERE \(owner) AND (webhook, \(column)) > (n.webhook, n.value)
                        ORDER BY webhook, \(column) LIMIT 1) AS d)
                SELECT webhook, value FROM n
                """, parameters)
        }
        var ranges: Set<Range> = []
        for result in try session.alone(statements) {
            for var row in result.rows { ranges.insert(Range(webhook: try row.text(), value: try row.text())) }
        }
        return ranges
    }

    private func search(
        _ query: Delivery.Query, _ splitter: Splitter?, _ ranges: [Range], _ session: PostgresSession
    ) throws -> [PostgresRow] {
        var conditions = ["account = $1"]
        var parameters: [PostgresParameter] = [.text(query.accountID.rawValue)]
        func add(_ condition: String, _ parameter: PostgresParameter?, _ ending: String = "") {
            guard let parameter else { return }
            parameters.append(parameter)
            conditions.append("\(condition) $\(parameters.count)\(ending)")
        }
        add("webhook =", query.webhookID.map { .text($0.rawValue) })
        add("event =", query.eventID.map { .text($0.rawValue) })
        add("event_type =", query.type.map { .text($0.rawValue) })
        add("ordering_key =", query.orderingKey.map { .text($0) })
        add("resource =", query.resource.map { .text($0) })
        add("sequence <", query.sequenceBelow.map { .integer($0) })
        add("created_at >=", query.since.map { .time($0) })
        add("created_at <", query.until.map { .time($0) })
        add("id <", query.before.map { .text($0.rawValue) })
        if splitter != .trigger, !query.triggers.isEmpty {
            add("created_by = ANY (", .texts(query.triggers.map(\.rawValue)), ")")
        }
        // The errors themselves are compared after reading.
        if splitter == nil, query.errors != nil { conditions.append("last_error IS NOT NULL") }
        if !query.phases.isEmpty { conditions.append(query.phases.storedCondition) }
        if let splitter {
            conditions += ["webhook = part.owner", "\(splitter.rawValue) = part.value", splitter.indexCondition]
        }
        parameters.append(.integer(max(0, query.limit)))
        let ending = "ORDER BY id DESC LIMIT $\(parameters.count)"
        let selects = tables(query).map {
            "(SELECT \(Delivery.columns) FROM \($0) WHERE \(conditions.joined(separator: " AND ")) \(ending))"
        }
        var sql = "SELECT * FROM (\(selects.joined(separator: " UNION ALL "))) AS d"
        if splitter != nil {
            parameters += [.texts(ranges.map(\.webhook)), .texts(ranges.map(\.value))]
            let lists = "$\(parameters.count - 1)::text[], $\(parameters.count)::text[]"
            sql = """
                SELECT d.* FROM unnest(\(lists)) AS part (owner, value)
                CROSS JOIN LATERAL (\(selects.joined(separator: " UNION ALL "))) AS d
                """
        }
        return Array(try session.alone([PostgresStatement("\(sql) \(ending)", parameters)])[0].rows)
    }

    /// The tables with the deliveries that a query may select: open deliveries are not in the history, which may be long.
    private func tables(_ query: Delivery.Query) -> [String] {
        let isOpen = !query.phases.isEmpty && query.phases.isSubset(of: Delivery.Phase.open)
        return isOpen ? ["\(schema.name).queue"] : ["\(schema.name).queue", "\(schema.name).deliveries"]
    }
}
#endif
