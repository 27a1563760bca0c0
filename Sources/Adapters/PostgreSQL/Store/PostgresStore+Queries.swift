#if PostgreSQL
public import WebhookDelivery
public import WebhookEvents
internal import WebhookStoreKit

extension PostgresStore {
    /// Returns an event, without its bytes.
    public func event(_ id: EventID, account: AccountID) async throws -> StoredEvent? {
        try await pool.run(for: account) { [self] session in
            let sql = """
                SELECT e.type, e.published_at, e.receipt FROM \(schema.name).event_keys AS k
                JOIN \(schema.name).events AS e
                    ON e.account = k.account AND e.id = k.id AND e.published_at = k.published_at
                WHERE k.account = $1 AND k.id = $2
                """
            let results = try session.alone([PostgresStatement(sql, .text(account.rawValue), .text(id.rawValue))])
            guard var row = results[0].first else { return nil }
            let (type, publishedAt, receipt) = (try row.text(), try row.time(), try row.bytes())
            guard let type = EventType(type), let receipt = PublishReceipt(duplicateOf: id, storedEntries: receipt)
            else { throw PostgresError.unreadable("events", id.rawValue) }
            return StoredEvent(id: id, type: type, publishedAt: publishedAt, receipt: receipt)
        }
    }

    /// Returns an account's deliveries, newest first.
    public func deliveries(_ query: Delivery.Query) async throws -> [Delivery.History] {
        try await pool.run(for: query.accountID) { [self] session in
            var (rest, deliveries) = (query, [Delivery]())
            while true {
                let rows = try search(rest, session)
                // Rows of a later version must not hide the others: more are read until the page is full.
                let readable = rows.compactMap { row -> Delivery? in
                    var row = row
                    // Events and resources have indexes without errors, so these are compared here.
                    return (try? Delivery(reading: &row)).flatMap { delivery in
                        query.errors?.contains(delivery.state.lastError) ?? true ? delivery : nil
                    }
                }
                deliveries += readable
                guard rows.count == rest.limit, readable.count < rows.count, var last = rows.last else { break }
                rest.before = DeliveryID(unchecked: try last.text())
                rest.limit -= readable.count
            }
            let attempts = try attempts(of: deliveries, session)
            return deliveries.map { Delivery.History(delivery: $0, attempts: attempts[$0.id] ?? []) }
        }
    }

    /// Returns a delivery with the bodies of responses.
    public func delivery(_ id: DeliveryID, account: AccountID) async throws -> Delivery.History? {
        try await pool.run(for: account) { [self] session in
            let name = schema.name
            let key = [PostgresParameter.text(account.rawValue), .text(id.rawValue)]
            let results = try session.alone([
                PostgresStatement(
                    """
                    SELECT \(Delivery.columns) FROM \(name).queue WHERE account = $1 AND id = $2
                    UNION ALL SELECT \(Delivery.columns) FROM \(name).deliveries WHERE account = $1 AND id = $2
                    """, key),
                PostgresStatement(
                    "SELECT number, body FROM \(name).response_bodies WHERE account = $1 AND delivery = $2", key),
            ])
            guard var row = results[0].first else { return nil }
            let delivery = try Delivery(reading: &row)
            var bodies: [Int: [UInt8]] = [:]
            for var row in results[1].rows { bodies[try row.int()] = try row.bytes() }
            let attempts = try attempts(of: [delivery], session)[id] ?? []
            return Delivery.History(
                delivery: delivery, attempts: attempts.map { $0.withResponseBody(bodies[$0.number]) })
        }
    }

    private func attempts(of deliveries: [Delivery], _ session: PostgresSession) throws -> [DeliveryID: [Attempt]] {
        let sql = """
            SELECT a.delivery, \(Attempt.columns) FROM unnest($1::text[], $2::text[]) AS n (account, delivery)
            JOIN \(schema.name).attempts AS a ON a.account = n.account AND a.delivery = n.delivery
            ORDER BY a.delivery, number
            """
        let results = try session.alone([
            PostgresStatement(
                sql, .texts(deliveries.map(\.accountID.rawValue)), .texts(deliveries.map(\.id.rawValue)))
        ])
        var attempts: [DeliveryID: [Attempt]] = [:]
        for var row in results[0].rows {
            attempts[DeliveryID(unchecked: try row.text()), default: []].append(try Attempt(reading: &row))
        }
        return attempts
    }

    /// Returns a webhook's statistics.
    public func statistics(
        of webhook: WebhookID, account: AccountID, over window: DeliveryStatistics.Window
    ) async throws -> DeliveryStatistics {
        try await pool.run(for: account, isLong: true, isScan: true) { [self] session in
            let sql = """
                SELECT CASE WHEN d.attempts = a.number THEN d.status END, \(Attempt.summaryColumns.qualified("a"))
                FROM \(schema.name).attempts AS a JOIN (
                    SELECT account, id, attempts, status, created_by FROM \(schema.name).queue
                    UNION ALL SELECT account, id, attempts, status, created_by FROM \(schema.name).deliveries) AS d
                ON d.account = a.account AND d.id = a.delivery
                WHERE a.account = $1 AND a.webhook = $2 AND a.started_at >= $3 AND a.started_at < $4
                    AND d.created_by <> 'test'
                """
            let results = try session.alone([
                PostgresStatement(
                    sql, .text(account.rawValue), .text(webhook.rawValue), .time(window.since), .time(window.until))
            ])
            var statistics = DeliveryStatistics(over: window)
            for var row in results[0].rows {
                let ended = try row.optionalText().flatMap(Delivery.State.Status.init(rawValue:))
                statistics.add(try Attempt(readingSummary: &row), ended: ended.flatMap { $0.isFinal ? $0 : nil })
            }
            return statistics
        }
    }

    /// Returns the delivery counts.
    public func deliveryCounts(of account: AccountID?) async throws -> DeliveryCounts {
        @Sendable func count(_ session: PostgresSession) throws -> DeliveryCounts {
            let condition = account == nil ? "" : "WHERE account = $1"
            let parameters = account.map { [PostgresParameter.text($0.rawValue)] } ?? []
            // `accepted` is computed from the events, not from the deliveries, so that a mismatch shows.
            let results = try session.alone([
                PostgresStatement(
                    """
                    SELECT 'accepted', COALESCE(sum(LEAST(GREATEST(fan_out, 0), 1073741824)), 0)::bigint
                    FROM \(schema.name).events \(condition)
                    UNION ALL SELECT status, count(*) FROM \(schema.name).queue \(condition) GROUP BY status
                    UNION ALL SELECT status, count(*) FROM \(schema.name).deliveries \(condition) GROUP BY status
                    """, parameters)
            ])
            var deliveryCounts = DeliveryCounts()
            for var row in results[0].rows {
                let (word, count) = (try row.text(), Int(clamping: try row.integer()))
                if word == "accepted" {
                    deliveryCounts.accepted = count
                } else if let status = Delivery.State.Status(rawValue: word) {
                    deliveryCounts.add(count, status)
                }
                // An unreadable status leaves the counts unbalanced, which reveals it.
            }
            return deliveryCounts
        }
        guard let account else { return try await pool.run(isLong: true) { try count($0) } }
        return try await pool.run(for: account, isLong: true, isScan: true) { try count($0) }
    }
}
#endif
