#if PostgreSQL
public import WebhookDelivery
internal import WebhookEvents
internal import WebhookStoreKit

extension PostgresStore {
    /// How long reports of several accounts wait for an account that another transaction holds.
    private static let lockTimeout = Duration.milliseconds(10)

    /// Stores attempts and the next states of their deliveries.
    public func settle(
        _ settlements: [Settlement], rules: DeliveryRules, mayWait: Bool
    ) async throws -> [Delivery.SettleResult] {
        let moment = moment
        var results = [Delivery.SettleResult](repeating: .busy, count: settlements.count)
        try await forFreeAccountsFirst(settlements.map(\.lease.accountID), mayWait) {
            [self] places, skipsHeld, session in
            let batch = places.map { settlements[$0] }
            let kept = try kept(batch.map(\.lease), at: moment, skipsHeld: skipsHeld, session)
            var round = SettleRound(now: kept.now, rules: rules)
            let results = batch.map { settlement in
                if kept.busy.contains(settlement.lease.accountID) { return Delivery.SettleResult.busy }
                return round.settle(
                    settlement, kept.deliveries[settlement.lease.deliveryID],
                    webhook: kept.webhooks[settlement.lease.webhookID])
            }
            try session.commit(
                schema.write(round.settled.map(\.delivery)) + schema.record(round.settled)
                    + schema.write(Array(round.webhooks.values)) + schema.settled(round.accounts, now: kept.now))
            return (results, kept.busy)
        } each: { places, taken in
            for (place, result) in zip(places, taken) { results[place] = result }
        }
        return results
    }

    /// Releases deliveries without an attempt.
    public func release(_ releases: [Release], mayWait: Bool) async throws -> [Release] {
        let moment = moment
        let busy = try await forFreeAccountsFirst(releases.map(\.lease.accountID), mayWait) {
            [self] places, skipsHeld, session in
            let batch = places.map { releases[$0] }
            let kept = try kept(batch.map(\.lease), at: moment, skipsHeld: skipsHeld, session)
            let released = batch.compactMap { release -> Delivery? in
                guard !kept.busy.contains(release.lease.accountID),
                    var delivery = kept.deliveries[release.lease.deliveryID],
                    delivery.release(release, now: kept.now)
                else { return nil }
                return delivery
            }
            let due = Dictionary(released.map { ($0.accountID, $0.state.dueAt) }, uniquingKeysWith: min)
            try session.commit(schema.write(released) + due.map { schema.wake($0.key, at: $0.value) })
            return ((), kept.busy)
        }
        return releases.filter { busy.contains($0.lease.accountID) }
    }

    /// Runs a call for all accounts that are free, and then for the others, which may be free a moment later.
    ///
    /// An account can be held for long, for example while its history is being erased; waiting for it would hold up the
    /// reports of all others.
    ///
    /// - Parameters:
    ///   - accounts: The account of each item.
    ///   - mayWait: Whether to wait for the accounts as long as a call may take.
    ///   - body: Processes the items at some indices, in one transaction; with `skipsHeld` it skips held accounts and
    ///     returns them.
    ///   - each: Receives the result of `body`.
    /// - Returns: The accounts that were held for too long.
    /// - Throws: What `body` throws, except the timeout of `lockTimeout`.
    @discardableResult
    private func forFreeAccountsFirst<Value: Sendable>(
        _ accounts: [AccountID], _ mayWait: Bool,
        _ body: @escaping @Sendable ([Int], _ skipsHeld: Bool, PostgresSession) throws -> (Value, busy: Set<AccountID>),
        each: ([Int], Value) -> Void = { _, _ in }
    ) async throws -> Set<AccountID> {
        guard let first = accounts.first else { return [] }
        let all = Array(accounts.indices)
        if mayWait {
            each(all, try await pool.run(for: first) { try body(all, false, $0) }.0)
            return []
        }
        let (value, busy) = try await pool.run { try body(all, true, $0) }
        each(all, value)
        if busy.isEmpty { return [] }
        let held = all.filter { busy.contains(accounts[$0]) }
        do {
            each(held, try await pool.run(tries: 1, lockTimeout: Self.lockTimeout) { try body(held, false, $0) }.0)
            return []
        } catch let error as PostgresError where error.isConflict { return busy }
    }

    /// The stored deliveries and webhooks of leases, and the accounts that another transaction holds.
    private struct Kept {
        let now: Timestamp
        let busy: Set<AccountID>
        let deliveries: [DeliveryID: Delivery]
        let webhooks: [WebhookID: Webhook]
    }

    /// Locks the accounts of leases, and reads their deliveries and webhooks.
    ///
    /// With `skipsHeld`, accounts that another transaction holds are skipped.
    private func kept(
        _ leases: [Lease], at moment: Timestamp?, skipsHeld: Bool, _ session: PostgresSession
    ) throws -> Kept {
        let accounts = PostgresParameter.texts(leases.map(\.accountID.rawValue))
        let ids = PostgresParameter.texts(leases.map(\.deliveryID.rawValue))
        let keys = "unnest($1::text[], $2::text[]) AS n (account, id)"
        let columns = Delivery.columns.qualified("q")
        let owners = Set(leases.map(\.accountID))
        let webhooks = Set(leases.map { AccountKey(account: $0.accountID.rawValue, id: $0.webhookID.rawValue) })
        let results = try session.begin([
            schema.lock(owners, skipsHeld: skipsHeld),
            PostgresStatement("SELECT COALESCE($1, clock_timestamp())", .time(moment)),
            PostgresStatement(
                "SELECT \(columns) FROM \(keys) JOIN \(schema.name).queue AS q ON q.account = n.account AND q.id = n.id",
                accounts, ids),
            PostgresStatement(
                """
                SELECT \(Webhook.postgresColumns) FROM unnest($1::text[], $2::text[]) AS n (account, id)
                JOIN \(schema.name).webhooks AS w ON w.account = n.account AND w.id = n.id
                JOIN \(schema.name).webhook_progress AS p ON p.account = n.account AND p.webhook = n.id
                """, .texts(webhooks.map(\.account)), .texts(webhooks.map(\.id))),
        ])
        guard var row = results[1].first else { throw PostgresError.unreadable("accounts", "of reports") }
        let now = try row.time()
        let busy = try held(among: owners.subtracting(names(results[0])), session)
        var deliveries = readDeliveries(results[2])
        if deliveries.count < Set(leases.map(\.deliveryID)).count {
            // Some have ended: their reports were stored before, and the replies got lost.
            let ended = try session.run([
                PostgresStatement(
                    """
                    SELECT \(columns) FROM \(keys)
                    JOIN \(schema.name).deliveries AS q ON q.account = n.account AND q.id = n.id
                    """, accounts, ids)
            ])
            deliveries.merge(readDeliveries(ended[0])) { open, _ in open }
        }
        // An unreadable row must not hold up the rest of its batch.
        let found = results[3].rows.compactMap { row -> Webhook? in
            var row = row
            return try? Webhook(reading: &row)
        }
        return Kept(
            now: now, busy: busy, deliveries: deliveries,
            webhooks: Dictionary(found.map { ($0.id, $0) }) { first, _ in first })
    }

    /// Returns the accounts that another transaction holds; an account without a row has no deliveries, so its reports
    /// are fenced.
    private func held(among accounts: Set<AccountID>, _ session: PostgresSession) throws -> Set<AccountID> {
        if accounts.isEmpty { return [] }
        let sql = "SELECT account FROM \(schema.name).account_locks WHERE account = ANY ($1)"
        return try names(session.run([PostgresStatement(sql, .texts(accounts.map(\.rawValue)))])[0])
    }

    private func names(_ result: PostgresResult) throws -> Set<AccountID> {
        try Set(
            result.rows.map { row in
                var row = row
                return AccountID(unchecked: try row.text())
            })
    }

    private func readDeliveries(_ result: PostgresResult) -> [DeliveryID: Delivery] {
        let found = result.rows.compactMap { row -> Delivery? in
            var row = row
            return try? Delivery(reading: &row)
        }
        return Dictionary(found.map { ($0.id, $0) }) { first, _ in first }
    }
}

/// A key of a table whose rows belong to accounts.
struct AccountKey: Hashable {
    let account: String
    let id: String
}
#endif
