#if PostgreSQL
public import WebhookDelivery
public import WebhookEvents
public import WebhookLimits
internal import WebhookStoreKit

extension PostgresStore {
    /// How many deliveries one step of a backlog policy changes: the account's other calls wait for the step.
    private static let backlogStep = 300

    /// Enables a webhook and applies a backlog policy to its waiting deliveries.
    ///
    /// Other calls of the account run between the steps, because a webhook may have 100 000 waiting deliveries. The
    /// last step enables the webhook, so an interrupted call can be repeated before anything is sent.
    public func enable(
        _ id: WebhookID, account: AccountID, backlog: Webhook.BacklogPolicy, limits: ServiceLimits
    ) async throws -> Webhook? {
        if backlog != .immediately {
            // Checked first, because a refused call must change nothing; the last step checks it again.
            let checked = try await change(id, of: account, limits: limits, isTrial: true) { $0.enable(now: $1) }
            guard checked != nil, try await apply(backlog, to: id, account: account) else { return nil }
        }
        return try await change(id, of: account, limits: limits) { webhook, now in webhook.enable(now: now) }
    }

    /// Discards the waiting deliveries of a webhook.
    public func discardBacklog(of id: WebhookID, account: AccountID) async throws -> Webhook? {
        guard try await apply(.discard, to: id, account: account) else { return nil }
        return try await webhook(id, account: account)?.webhook
    }

    /// Applies a backlog policy in steps; returns `false` without the webhook.
    private func apply(_ backlog: Webhook.BacklogPolicy, to id: WebhookID, account: AccountID) async throws -> Bool {
        guard let (now, waiting) = try await waiting(for: id, account: account) else { return false }
        let places = backlog.places(of: waiting.map(\.orderingKey))
        for start in stride(from: 0, to: waiting.count, by: Self.backlogStep) {
            let step = waiting.indices[start...].prefix(Self.backlogStep).map { (waiting[$0].id, places[$0]) }
            try await apply(backlog, to: Dictionary(step) { first, _ in first }, now: now, account: account)
        }
        return true
    }

    private struct Waiting {
        let id: String
        let orderingKey: String?
    }

    /// Returns a webhook's waiting deliveries in order, and the time of the change; `nil` without the webhook.
    private func waiting(for id: WebhookID, account: AccountID) async throws -> (Timestamp, [Waiting])? {
        let moment = moment
        return try await pool.run(for: account, isLong: true) { [self] session in
            // An unreadable webhook is not enabled, so its backlog stays unchanged.
            guard try !registered(account, id, session.begin, forUpdate: true).isEmpty else {
                try session.commit()
                return nil
            }
            let now = try now(moment, session)
            let sql = """
                SELECT id, ordering_key FROM \(schema.name).queue
                WHERE account = $1 AND webhook = $2 AND status = 'pending' AND hold <> 'unreadable' ORDER BY sequence
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

    /// Applies the backlog policy to those of the deliveries that still wait, by their positions.
    private func apply(
        _ backlog: Webhook.BacklogPolicy, to places: [String: Int], now: Timestamp, account: AccountID
    )
        async throws
    {
        try await pool.run(for: account, isLong: true) { [self] session in
            let sql = """
                SELECT \(Delivery.columns) FROM \(schema.name).queue
                WHERE account = $1 AND id = ANY ($2) AND status = 'pending' AND hold <> 'unreadable'
                """
            let results = try session.begin([
                schema.lock([account]), PostgresStatement(sql, .text(account.rawValue), .texts(Array(places.keys))),
            ])
            let drained = results[1].rows.compactMap { row -> Delivery? in
                var row = row
                guard var delivery = try? Delivery(reading: &row), let place = places[delivery.id.rawValue] else {
                    return nil
                }
                backlog.apply(to: &delivery, place: place, now: now)
                return delivery
            }
            try session.commit(schema.write(drained))
        }
    }
}
#endif
