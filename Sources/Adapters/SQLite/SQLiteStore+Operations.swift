#if SQLite
internal import GRDB
public import WebhookDelivery
public import WebhookEvents
internal import WebhookPayload
internal import WebhookSigning

extension SQLiteStore {
    /// Keeps a test event and its delivery, leased at once.
    public func lease(
        test publication: EventPublication, to webhook: WebhookID, rules: DeliveryRules
    ) async throws -> TestLease {
        let now = clock.now
        return try await write { db in
            guard var registered = try self.webhook(webhook, db), registered.webhook.account == publication.account
            else { return .unknown }
            var delivery = publication.testDelivery(
                to: registered.webhook, sequence: try Self.lastSequence(db) + 1, at: now)
            guard case .leased(let token, _) = delivery.lease(at: now, webhook: &registered.webhook, rules: rules)
            else { return .usedUp(until: delivery.state.dueAt) }
            let envelope = publication.envelope
            let entry = PublishReceipt.Entry(webhook: webhook, result: .delivery(delivery.id))
            let receipt = PublishReceipt(event: envelope.id, isDuplicate: false, entries: [entry])
            try Self.insert(envelope, receipt, at: now, db)
            try delivery.insert(db)
            try registered.webhook.update(db)
            try AccountQueue.wake(publication.account, at: delivery.state.dueAt, db)
            return .leased(
                ClaimedDelivery(
                    lease: Lease(of: delivery, token: token), delivery: delivery,
                    webhook: registered.webhook, secrets: registered.secrets, body: envelope.bytes))
        }
    }

    /// Makes a new delivery of one that is over.
    public func redeliver(_ id: DeliveryID, account: AccountID, as new: DeliveryID) async throws -> Redelivery {
        let now = clock.now
        return try await write { db in
            if let made = try Self.delivery(new, account: account, db) { return .made(made) }
            guard let old = try Self.delivery(id, account: account, db), old.trigger != .test,
                try self.webhook(old.webhook, db) != nil
            else { return .unknown }
            guard old.state.status.isFinal else { return .open(old) }
            return .made(try Self.redeliver(old, as: new, .manual, at: now, db))
        }
    }

    @discardableResult
    static func redeliver(
        _ old: Delivery, as id: DeliveryID, _ trigger: Delivery.Trigger, at now: Timestamp, _ db: Database
    ) throws -> Delivery {
        let delivery = old.redelivery(as: id, trigger, sequence: try lastSequence(db) + 1, at: now)
        try delivery.insert(db)
        try AccountQueue.wake(old.account, at: now, db)
        let statement = try db.cachedStatement(
            sql: "UPDATE taskflow_events SET fan_out = fan_out + 1 WHERE account = ? AND id = ?")
        try statement.execute(arguments: [old.account.rawValue, old.event.rawValue])
        return delivery
    }
}
#endif
