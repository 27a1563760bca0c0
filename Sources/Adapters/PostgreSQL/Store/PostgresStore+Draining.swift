#if PostgreSQL
public import WebhookDelivery
public import WebhookEvents

extension PostgresStore {
    /// How many deliveries one step of a drain changes: the account's other calls wait for the step.
    private static let drainStep = 300

    /// Switches a webhook on, and does to the deliveries that wait what the drain says.
    ///
    /// A webhook may have 100 000 deliveries that wait, so other calls of the account get in between. It is switched on in the
    /// last step, so a drain that is broken off can be repeated before anything is sent.
    public func enable(_ id: WebhookID, account: AccountID, drain: Drain) async throws -> Webhook? {
        if drain != .atOnce {
            guard let (now, waiting) = try await waiting(for: id, account: account) else { return nil }
            let places = drain.places(of: waiting.map(\.orderingKey))
            for start in stride(from: 0, to: waiting.count, by: Self.drainStep) {
                let step = waiting.indices[start...].prefix(Self.drainStep).map { (waiting[$0].id, places[$0]) }
                try await apply(drain, to: Dictionary(step) { first, _ in first }, at: now, account: account)
            }
        }
        return try await change(id, of: account) { webhook, change in
            webhook.enable(at: change.now)
            return []
        }
    }

    private struct Waiting {
        let id: String
        let orderingKey: String?
    }

    /// A webhook's deliveries that wait, in order, and the moment of the drain; `nil` without the webhook.
    private func waiting(for id: WebhookID, account: AccountID) async throws -> (Timestamp, [Waiting])? {
        let moment = moment
        return try await pool.run(for: account, isLong: true) { [self] session in
            // One that cannot be read is not switched on, and so not drained.
            guard try !registered(account, id, session.begin, forUpdate: true).isEmpty else {
                try session.commit()
                return nil
            }
            let now = try now(moment, session)
            let sql = """
                SELECT id, ordering_key FROM \(schema.name).queue
                WHERE account = $1 AND webhook = $2 AND status = 'pending' AND blocked <> 2 ORDER BY sequence
                """
            let results = try session.run([
                PostgresStatement(
                    "SELECT \(schema.name).settle_arrivals($1, clock_timestamp())", .texts([account.rawValue])),
                PostgresStatement(sql, .text(account.rawValue), .text(id.rawValue)),
            ])
            let waiting = try results[1].rows.map { row in
                var row = row
                return Waiting(id: try row.text(), orderingKey: try row.optionalText())
            }
            try session.commit()
            return (now, waiting)
        }
    }

    /// Drains some of the deliveries, by their places, those of them that still wait.
    private func apply(_ drain: Drain, to places: [String: Int], at now: Timestamp, account: AccountID) async throws {
        try await pool.run(for: account, isLong: true) { [self] session in
            let sql = """
                SELECT \(PostgresSchema.deliveryColumns) FROM \(schema.name).queue
                WHERE account = $1 AND id = ANY ($2) AND status = 'pending' AND blocked <> 2
                """
            let results = try session.begin([
                schema.lock([account]), PostgresStatement(sql, .text(account.rawValue), .texts(Array(places.keys))),
            ])
            let drained = results[1].rows.compactMap { row -> Delivery? in
                var row = row
                guard var delivery = try? Delivery(&row), let place = places[delivery.id.rawValue] else { return nil }
                drain.apply(to: &delivery, place: place, at: now)
                return delivery
            }
            try session.commit(schema.write(drained))
        }
    }
}
#endif
