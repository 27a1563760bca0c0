#if PostgreSQL
public import WebhookDelivery
public import WebhookEvents
public import WebhookLimits
internal import WebhookPayload
internal import WebhookSigning
internal import WebhookStoreKit

extension PostgresStore {
    /// Stores a test event and its delivery, which is leased immediately.
    public func lease(
        test publication: EventPublication, to webhook: WebhookID, rules: DeliveryRules
    ) async throws -> Delivery.TestLeaseResult {
        let moment = moment
        return try await pool.run(for: publication.accountID, isRepeatable: false) { [self] session in
            let account = publication.accountID
            guard var registered = try registered(account, webhook, session.begin, forUpdate: true).first else {
                try session.commit()
                return .unknown
            }
            let now = try now(moment, session)
            let (own, all) = try leases(of: registered.webhook, now: now, session)
            let wait = registered.webhook.earliestTestTime(leased: own, leasedOfAccount: all, now: now, rules: rules)
            if let wait {
                try session.commit()
                return .busy(until: wait)
            }
            let pace = registered.webhook.pace.classification(now: now)
            var delivery = publication.testDelivery(
                to: registered.webhook, sequence: try nextNumber(session), now: now)
            guard case .leased(let token, _) = delivery.lease(now: now, webhook: &registered.webhook, rules: rules)
            else {
                try session.commit()
                return .quotaExhausted(until: delivery.state.dueAt)
            }
            let envelope = publication.envelope
            let entry = PublishReceipt.Entry(webhookID: webhook, result: .delivery(delivery.id))
            let receipt = PublishReceipt(eventID: envelope.id, isDuplicate: false, entries: [entry])
            let key: [PostgresParameter] = [.text(account.rawValue), .text(envelope.id.rawValue), .time(now)]
            let keep = [
                PostgresStatement(
                    "INSERT INTO \(schema.name).event_keys (account, id, published_at) VALUES ($1, $2, $3)", key),
                PostgresStatement(
                    """
                    INSERT INTO \(schema.name).events
                        (account, id, published_at, type, body, fan_out, receipt, is_shared, trace_context)
                    VALUES ($1, $2, $3, $4, $5, 1, $6, true, $7)
                    """,
                    key + [
                        .text(envelope.type.rawValue), .bytes(envelope.bytes), .bytes(receipt.storedEntries),
                        .text(publication.trace?.stored),
                    ]),
            ]
            try session.commit(
                keep + schema.insert([delivery]) + schema.write([registered.webhook])
                    + [schema.wake(account, at: delivery.state.dueAt)])
            return .leased(
                ClaimedDelivery(
                    lease: Lease(of: delivery, token: token), delivery: delivery, webhook: registered.webhook,
                    pace: pace, secrets: registered.secrets, body: envelope.bytes, trace: publication.trace))
        }
    }

    /// Counts the leased deliveries of a webhook and of its account.
    private func leases(
        of webhook: Webhook, now: Timestamp, _ session: PostgresSession
    ) throws -> (ofWebhook: Int, ofAccount: Int) {
        let sql = """
            SELECT count(*) FILTER (WHERE webhook = $2), count(*) FROM \(schema.name).queue
            WHERE account = $1 AND status = 'leased' AND due_at > $3
            """
        let results = try session.run([
            PostgresStatement(sql, .text(webhook.accountID.rawValue), .text(webhook.id.rawValue), .time(now))
        ])
        guard var row = results[0].first else { return (0, 0) }
        return (Int(clamping: try row.integer()), Int(clamping: try row.integer()))
    }

    func nextNumber(_ session: PostgresSession) throws -> Int64 {
        let sql = "SELECT nextval('\(schema.name).delivery_numbers')"
        guard var row = try session.run([PostgresStatement(sql)]).first?.first else {
            throw PostgresError.unreadable("delivery_numbers", "")
        }
        return try row.integer()
    }

    /// Creates a redelivery of an ended delivery.
    public func redeliver(
        _ id: DeliveryID, account: AccountID, as new: DeliveryID, limits: ServiceLimits
    ) async throws -> Delivery.RedeliveryResult {
        let moment = moment
        return try await pool.run(for: account) { [self] session in
            _ = try session.begin([schema.lock([account])])
            let result = try redeliver(id, account: account, as: new, limits, at: moment, session)
            try session.commit()
            return result
        }
    }

    private func redeliver(
        _ id: DeliveryID, account: AccountID, as new: DeliveryID, _ limits: ServiceLimits, at moment: Timestamp?,
        _ session: PostgresSession
    ) throws -> Delivery.RedeliveryResult {
        if let made = try delivery(new, account: account, session) { return .made(made) }
        guard let old = try delivery(id, account: account, session), old.trigger != .test,
            let open = try openCount(of: old.webhookID, account, session)
        else { return .unknown }
        guard old.state.status.isFinal else { return .open(old) }
        let now = try now(moment, session)
        try limits.checkBacklog(open: open, until: now + ServiceLimits.pauseWhenFull)
        let delivery = old.redelivery(as: new, .manual, sequence: try nextNumber(session), now: now)
        _ = try session.run(redeliveries([delivery]))
        // Its event may have been removed meanwhile.
        guard try self.delivery(new, account: account, session) != nil else { return .unknown }
        return .made(delivery)
    }

    /// Inserts redeliveries: each event has one more delivery, and the account becomes due.
    func redeliveries(_ deliveries: [Delivery]) -> [PostgresStatement] {
        let sql = """
            UPDATE \(schema.name).events AS e SET fan_out = LEAST(fan_out, 4611686018427387904) + n.count, is_shared = true FROM (
                SELECT account, id, count(*) AS count FROM unnest($1::text[], $2::text[]) AS n (account, id)
                GROUP BY account, id) AS n
            JOIN \(schema.name).event_keys AS k ON k.account = n.account AND k.id = n.id
            WHERE e.account = k.account AND e.id = k.id AND e.published_at = k.published_at
            """
        let counted = PostgresStatement(
            sql, .texts(deliveries.map(\.accountID.rawValue)), .texts(deliveries.map(\.eventID.rawValue)))
        return schema.insert(deliveries) + [counted]
            + deliveries.map { schema.wake($0.accountID, at: $0.state.dueAt) }
    }

    /// Reads a delivery, open or ended.
    private func delivery(_ id: DeliveryID, account: AccountID, _ session: PostgresSession) throws -> Delivery? {
        let columns = Delivery.columns
        let sql = """
            SELECT \(columns) FROM \(schema.name).queue WHERE account = $1 AND id = $2
            UNION ALL SELECT \(columns) FROM \(schema.name).deliveries WHERE account = $1 AND id = $2
            """
        let results = try session.run([PostgresStatement(sql, .text(account.rawValue), .text(id.rawValue))])
        guard var row = results[0].first else { return nil }
        return try Delivery(reading: &row)
    }
}
#endif
