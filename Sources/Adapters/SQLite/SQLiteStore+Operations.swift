#if SQLite
internal import GRDB
public import WebhookDelivery
public import WebhookEvents
public import WebhookLimits
internal import WebhookPayload
internal import WebhookSigning

extension SQLiteStore {
    /// Stores a test event and its delivery, which is leased immediately.
    public func lease(
        test publication: EventPublication, to webhook: WebhookID, rules: DeliveryRules
    ) async throws -> Delivery.TestLeaseResult {
        let now = clock.now
        return try await write(of: publication.accountID) { db in
            guard var registered = try self.webhook(webhook, db), registered.webhook.accountID == publication.accountID
            else { return .unknown }
            let (own, all) = try Self.leases(of: registered.webhook, now: now, db)
            let wait = registered.webhook.earliestTestTime(leased: own, leasedOfAccount: all, now: now, rules: rules)
            if let wait { return .busy(until: wait) }
            let pace = registered.webhook.pace.classification(now: now)
            var delivery = publication.testDelivery(
                to: registered.webhook, sequence: try Self.lastSequence(db) + 1, now: now)
            guard case .leased(let token, _) = delivery.lease(now: now, webhook: &registered.webhook, rules: rules)
            else { return .quotaExhausted(until: delivery.state.dueAt) }
            let envelope = publication.envelope
            let entry = PublishReceipt.Entry(webhookID: webhook, result: .delivery(delivery.id))
            let receipt = PublishReceipt(eventID: envelope.id, isDuplicate: false, entries: [entry])
            try Self.insert(publication, receipt, now: now, db)
            try delivery.insert(db)
            try registered.webhook.update(db)
            try AccountQueue.wake(publication.accountID, at: delivery.state.dueAt, db)
            return .leased(
                ClaimedDelivery(
                    lease: Lease(of: delivery, token: token), delivery: delivery,
                    webhook: registered.webhook, pace: pace, secrets: registered.secrets, body: envelope.bytes,
                    trace: publication.trace))
        }
    }

    /// Counts the leased deliveries of a webhook and of its account.
    private static func leases(
        of webhook: Webhook, now: Timestamp, _ db: Database
    ) throws -> (ofWebhook: Int, ofAccount: Int) {
        try db.first(
            """
            SELECT COALESCE(SUM(webhook = ?), 0), COUNT(*) FROM taskflow_deliveries INDEXED BY taskflow_deliveries_leased
            WHERE account = ? AND status = 'leased' AND due_at > ?
            """, webhook.id.rawValue, webhook.accountID.rawValue, now.microseconds
        ) { ($0.int(), $0.int()) } ?? (0, 0)
    }

    /// Creates a redelivery of an ended delivery.
    public func redeliver(
        _ id: DeliveryID, account: AccountID, as new: DeliveryID, limits: ServiceLimits
    ) async throws -> Delivery.RedeliveryResult {
        let now = clock.now
        return try await write(of: account) { db in
            if let made = try Self.delivery(new, account: account, db) { return .made(made) }
            guard let old = try Self.delivery(id, account: account, db), old.trigger != .test,
                let open = try Self.openCount(of: old.webhookID, db)
            else { return .unknown }
            guard old.state.status.isFinal else { return .open(old) }
            try limits.checkBacklog(open: open, until: now + ServiceLimits.pauseWhenFull)
            return .made(try Self.redeliver(old, as: new, .manual, now: now, db))
        }
    }

    /// Returns the number of open deliveries of a webhook; `nil` when it was deleted.
    static func openCount(of webhook: WebhookID, _ db: Database) throws -> Int? {
        try db.first("SELECT open FROM taskflow_webhooks WHERE id = ?", webhook.rawValue) { $0.int() }
    }

    @discardableResult
    static func redeliver(
        _ old: Delivery, as id: DeliveryID, _ trigger: Delivery.Trigger, now: Timestamp, _ db: Database
    ) throws -> Delivery {
        let delivery = old.redelivery(as: id, trigger, sequence: try lastSequence(db) + 1, now: now)
        try delivery.insert(db)
        try AccountQueue.wake(old.accountID, at: now, db)
        let statement = try db.cachedStatement(
            sql: "UPDATE taskflow_events SET fan_out = MIN(fan_out, 1 << 60) + 1 WHERE account = ? AND id = ?")
        try statement.execute(arguments: [old.accountID.rawValue, old.eventID.rawValue])
        return delivery
    }
}
#endif
