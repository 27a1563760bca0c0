#if PostgreSQL
public import WebhookDelivery
public import WebhookEvents
public import WebhookLimits
public import WebhookSigning
internal import WebhookStoreKit

extension PostgresStore {
    /// Updates a webhook's settings.
    public func update(
        _ id: WebhookID, _ update: Webhook.Update, account: AccountID, limits: ServiceLimits
    ) async throws -> Webhook? {
        try await change(id, of: account, limits: limits) { webhook, now in webhook.apply(update, now: now) }
    }

    /// Disables a webhook.
    public func disable(_ id: WebhookID, account: AccountID) async throws -> Webhook? {
        try await change(id, of: account) { webhook, now in webhook.disable(now: now) }
    }

    /// Changes a webhook in one transaction; returns `nil` when the account has no such webhook.
    ///
    /// With `limits`, the change is refused if the webhook would count towards its account's limit again and the limit is
    /// reached.
    ///
    /// - Parameters:
    ///   - id: The webhook.
    ///   - account: The account.
    ///   - limits: How many webhooks the account may have.
    ///   - isTrial: Whether the change is checked, and not stored.
    ///   - body: The change, with the time.
    /// - Returns: The webhook after the change, or `nil` if the account has none with this identifier.
    /// - Throws: `LimitError` if the change makes the webhook count towards the limit and the account has no room.
    func change(
        _ id: WebhookID, of account: AccountID, limits: ServiceLimits? = nil, isTrial: Bool = false,
        _ body: @escaping @Sendable (inout Webhook, Timestamp) -> Void
    ) async throws -> Webhook? {
        let moment = moment
        return try await pool.run(for: account, isLong: true) { [self] session in
            guard var webhook = try registered(account, id, session.begin, forUpdate: true).first?.webhook else {
                try session.commit()
                return nil
            }
            let now = try now(moment, session)
            let old = webhook
            body(&webhook, now)
            if let limits, webhook.countsAgain(after: old, now: now, limits: limits) {
                try limits.checkWebhooks(existing: countingWebhooks(of: account, now: now, limits: limits, session))
            }
            if isTrial {
                try session.commit()
                return webhook
            }
            let update = PostgresStatement(
                """
                UPDATE \(schema.name).webhooks SET url = $3, events = $4, headers = $5, format = $6, timeout = $7,
                    retry_schedule = $8, retry_jitter = $9, retry_after_cap = $10, ordering = $11,
                    requests_per_second = $12, version = $13, updated_at = $14, description = $15, metadata = $16,
                    expires_at = $17, allows_steering = $18, sends_trace_context = $19
                WHERE account = $1 AND id = $2
                """, try settings(of: webhook))
            // Deliveries that waited under the old settings may be due under the new ones.
            try session.commit([update] + schema.write([webhook]) + [schema.wake(account, at: now)])
            return webhook
        }
    }

    /// Returns the store's time.
    func now(_ moment: Timestamp?, _ session: PostgresSession) throws -> Timestamp {
        if let moment { return moment }
        guard var row = try session.run([PostgresStatement("SELECT clock_timestamp()")]).first?.first else {
            throw PostgresError.unreadable("the clock", "")
        }
        return try row.time()
    }

    /// Returns a webhook's open deliveries, oldest first.
    private func openDeliveries(
        of webhook: WebhookID, account: AccountID, _ session: PostgresSession
    ) throws -> [Delivery] {
        let sql = """
            SELECT \(Delivery.columns) FROM \(schema.name).queue
            WHERE account = $1 AND webhook = $2 AND hold <> 'unreadable' ORDER BY sequence
            """
        let counted = PostgresStatement(
            "SELECT \(schema.name).settle_arrivals($1, clock_timestamp())", .texts([account.rawValue]))
        let results = try session.run([
            counted, PostgresStatement(sql, .text(account.rawValue), .text(webhook.rawValue)),
        ])
        return results[1].rows.compactMap { row in
            var row = row
            return try? Delivery(reading: &row)
        }
    }

    /// Changes a webhook's secrets.
    public func changeSecrets(
        of id: WebhookID, _ change: SecretRotation.Change, account: AccountID
    ) async throws -> SecretRotation? {
        let moment = moment
        // A repeated rotation would be rejected, and a secret that was generated for it would be lost.
        return try await pool.run(for: account, isRepeatable: false) { [self] session in
            guard var secrets = try registered(account, id, session.begin, forUpdate: true).first?.secrets else {
                try session.commit()
                return nil
            }
            let now = try now(moment, session)
            try secrets.apply(change, now: now)
            try session.commit([
                PostgresStatement(
                    """
                    UPDATE \(schema.name).webhooks SET secrets = $3, updated_at = $4,
                        version = LEAST(version, 4611686018427387904) + 1
                    WHERE account = $1 AND id = $2
                    """, .text(account.rawValue), .text(id.rawValue),
                    .bytes(try secretColumn.encode(secrets.stored, owner: id.rawValue)), .time(now))
            ])
            return secrets
        }
    }

    /// Deletes a webhook and cancels its open deliveries.
    public func delete(_ id: WebhookID, account: AccountID) async throws -> Bool {
        let moment = moment
        return try await pool.run(for: account, isLong: true) { [self] session in
            // Reads only key and quota, so that an unreadable webhook can be deleted.
            let results = try session.begin([
                schema.lock([account]),
                PostgresStatement(
                    """
                    SELECT p.quota_day, p.quota_used, a.day FROM \(schema.name).webhooks AS w
                    JOIN \(schema.name).webhook_progress AS p ON p.account = w.account AND p.webhook = w.id
                    JOIN \(schema.name).accounts AS a ON a.account = w.account
                    WHERE w.account = $1 AND w.id = $2
                    """, .text(account.rawValue), .text(id.rawValue)),
            ])
            guard var row = results[1].first else {
                try session.commit()
                return false
            }
            let now = try now(moment, session)
            let quota = DailyQuota(day: try row.integer(), used: Int(clamping: try row.integer()))
            var day = ServiceLimits.AccountDay(stored: try row.text())
            day.depart(quota, now: now)
            let cancelled = try openDeliveries(of: id, account: account, session).map { delivery in
                var delivery = delivery
                delivery.cancel(.webhookDeleted, now: now)
                return delivery
            }
            let key: [PostgresParameter] = [.text(account.rawValue), .text(id.rawValue)]
            try session.commit(
                schema.write(cancelled) + [
                    schema.write(day, of: account),
                    // Unreadable deliveries end as well.
                    PostgresStatement("SELECT \(schema.name).cancel_all($1, $2, $3)", key + [.time(now)]),
                    PostgresStatement("DELETE FROM \(schema.name).webhooks WHERE account = $1 AND id = $2", key),
                    PostgresStatement(
                        "DELETE FROM \(schema.name).webhook_progress WHERE account = $1 AND webhook = $2", key),
                    // Its leases used slots of the account.
                    schema.wake(account, at: now),
                ])
            return true
        }
    }
}
#endif
