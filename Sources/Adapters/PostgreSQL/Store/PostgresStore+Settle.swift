#if PostgreSQL
public import WebhookDelivery
internal import WebhookEvents

extension PostgresStore {
    /// Records attempts and moves their deliveries on.
    public func settle(_ settlements: [Settlement], rules: DeliveryRules) async throws -> [Delivery.OnSettle] {
        let moment = moment
        return try await pool.run { [self] session in
            let leases = settlements.map(\.lease)
            let kept = try kept(leases, at: moment, session)
            var round = SettleRound(at: kept.now, rules: rules)
            let results = settlements.map { settlement in
                round.settle(
                    settlement, kept.deliveries[settlement.lease.delivery],
                    webhook: kept.webhooks[settlement.lease.webhook])
            }
            try session.commit(
                schema.write(round.settled.map(\.delivery)) + schema.record(round.settled)
                    + schema.write(Array(round.webhooks.values)) + schema.settled(round.accounts, at: kept.now))
            return results
        }
    }

    /// Gives back deliveries of which nothing was sent.
    public func release(_ leases: [Lease]) async throws {
        let moment = moment
        try await pool.run { [self] session in
            let kept = try kept(leases, at: moment, session)
            let released = leases.compactMap { lease -> Delivery? in
                guard var delivery = kept.deliveries[lease.delivery], delivery.release(token: lease.token, at: kept.now)
                else { return nil }
                return delivery
            }
            try session.commit(
                schema.write(released) + Set(released.map(\.account)).map { schema.wake($0, at: kept.now) })
        }
    }

    /// Takes the accounts of leases, and reads their deliveries and webhooks.
    private func kept(
        _ leases: [Lease], at moment: Timestamp?, _ session: PostgresSession
    ) throws -> (now: Timestamp, deliveries: [DeliveryID: Delivery], webhooks: [WebhookID: Webhook]) {
        let accounts = PostgresParameter.texts(leases.map(\.account.rawValue))
        let ids = PostgresParameter.texts(leases.map(\.delivery.rawValue))
        let keys = "unnest($1::text[], $2::text[]) AS n (account, id)"
        let columns = PostgresSchema.deliveryColumns.qualified("q")
        let webhooks = Set(leases.map { Owned(account: $0.account.rawValue, id: $0.webhook.rawValue) })
        let results = try session.begin([
            schema.lock(leases.map(\.account)),
            PostgresStatement("SELECT COALESCE($1, clock_timestamp())", .time(moment)),
            PostgresStatement(
                "SELECT \(columns) FROM \(keys) JOIN \(schema.name).queue AS q ON q.account = n.account AND q.id = n.id",
                accounts, ids),
            PostgresStatement(
                """
                SELECT \(Webhook.columns) FROM unnest($1::text[], $2::text[]) AS n (account, id)
                JOIN \(schema.name).webhooks AS w ON w.account = n.account AND w.id = n.id
                JOIN \(schema.name).webhook_progress AS p ON p.account = n.account AND p.webhook = n.id
                """, .texts(webhooks.map(\.account)), .texts(webhooks.map(\.id))),
        ])
        guard var row = results[1].first else { throw PostgresError.unreadable("accounts", "of reports") }
        let now = try row.time()
        var deliveries = readDeliveries(results[2])
        if deliveries.count < Set(leases.map(\.delivery)).count {
            // Some have ended: their reports were taken before, and the replies got lost.
            let ended = try session.run([
                PostgresStatement(
                    """
                    SELECT \(columns) FROM \(keys)
                    JOIN \(schema.name).deliveries AS q ON q.account = n.account AND q.id = n.id
                    """, accounts, ids)
            ])
            deliveries.merge(readDeliveries(ended[0])) { open, _ in open }
        }
        // A row that cannot be read must not hold up the rest of its batch.
        let found = results[3].rows.compactMap { row -> Webhook? in
            var row = row
            return try? Webhook(&row)
        }
        return (now, deliveries, Dictionary(found.map { ($0.id, $0) }) { first, _ in first })
    }

    private func readDeliveries(_ result: PostgresResult) -> [DeliveryID: Delivery] {
        let found = result.rows.compactMap { row -> Delivery? in
            var row = row
            return try? Delivery(&row)
        }
        return Dictionary(found.map { ($0.id, $0) }) { first, _ in first }
    }
}

/// A key of a table whose rows belong to accounts.
struct Owned: Hashable {
    let account: String
    let id: String
}
#endif
