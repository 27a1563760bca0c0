#if PostgreSQL
public import WebhookDelivery
public import WebhookEvents
public import WebhookLimits
internal import WebhookRetries
public import WebhookSigning

extension PostgresStore {
    /// Adds a webhook, unless its account has reached the limit.
    public func create(_ registered: RegisteredWebhook, limits: WebhookLimits) async throws {
        let webhook = registered.webhook
        let secrets = try secretColumn.encode(registered.secrets.encoded(), owner: webhook.id.rawValue)
        let settings = try settings(of: webhook)
        try await pool.run { [self] session in
            let name = schema.name
            let results = try session.begin([
                PostgresStatement(
                    """
                    WITH lock AS (INSERT INTO \(name).account_locks (account) VALUES ($1) ON CONFLICT DO NOTHING)
                    INSERT INTO \(name).accounts (account) VALUES ($1) ON CONFLICT DO NOTHING
                    """, .text(webhook.account.rawValue)),
                schema.lock([webhook.account]),
                PostgresStatement(
                    "SELECT count(*), count(*) FILTER (WHERE id = $2) FROM \(name).webhooks WHERE account = $1",
                    .text(webhook.account.rawValue), .text(webhook.id.rawValue)),
            ])
            guard var row = results[2].first else { throw PostgresError.unreadable("webhooks", webhook.id.rawValue) }
            let existing = Int(clamping: try row.integer())
            guard try row.integer() == 0 else {
                try session.commit()
                return
            }
            try limits.checkWebhooks(existing: existing)
            try session.commit(
                [
                    PostgresStatement(
                        """
                        INSERT INTO \(name).webhooks (account, id, url, events, headers, format, timeout, retry_schedule,
                            retry_jitter, retry_after_cap, ordering, requests_per_second, version, created_at, secrets)
                        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
                        """, settings + [.time(webhook.createdAt), .bytes(secrets)]),
                    PostgresStatement(
                        """
                        INSERT INTO \(name).webhook_progress
                            (account, webhook, state, succeeded, finished, quota_day, quota_used, health)
                        VALUES ($1, $2, $3, 0, 0, 0, 0, '')
                        """, .text(webhook.account.rawValue), .text(webhook.id.rawValue), .text(webhook.state.rawValue)),
                ] + schema.write([webhook]))
        }
    }

    /// What a webhook's owner decides, in the order of the columns.
    private func settings(of webhook: Webhook) throws -> [PostgresParameter] {
        let headers = try secretColumn.encode(webhook.headers.stored, owner: webhook.id.rawValue + "/headers")
        return [
            .text(webhook.account.rawValue), .text(webhook.id.rawValue), .text(webhook.url),
            .texts(webhook.events.map(\.rawValue)), .bytes(headers), .text(webhook.format.rawValue),
            .integer(webhook.timeout.wholeMicroseconds), .text(webhook.retryPolicy.storedSchedule),
            .double(webhook.retryPolicy.jitter), .integer(webhook.retryPolicy.retryAfterCap.wholeMicroseconds),
            .text(webhook.ordering.rawValue), .integer(webhook.requestsPerSecond.map { Int64($0) }),
            .integer(webhook.version),
        ]
    }

    /// A webhook as it is now, with its secrets.
    public func webhook(_ id: WebhookID, account: AccountID) async throws -> RegisteredWebhook? {
        try await pool.run { [self] session in try registered(account, id, session.alone, forUpdate: false).first }
    }

    /// An account's webhooks, oldest first.
    public func webhooks(of account: AccountID) async throws -> [Webhook] {
        try await pool.run { [self] session in
            try registered(account, nil, session.alone, forUpdate: false).map(\.webhook)
        }
    }

    /// Reads webhooks of an account with their secrets.
    func registered(
        _ account: AccountID, _ id: WebhookID?, _ run: ([PostgresStatement]) throws -> [PostgresResult], forUpdate: Bool
    ) throws -> [RegisteredWebhook] {
        let select = PostgresStatement(
            """
            SELECT \(Webhook.columns), w.secrets, w.headers FROM \(schema.name).webhooks AS w
            JOIN \(schema.name).webhook_progress AS p ON p.account = w.account AND p.webhook = w.id
            WHERE w.account = $1 AND ($2 IS NULL OR w.id = $2) ORDER BY w.created_at, w.id
            """, .text(account.rawValue), .text(id?.rawValue))
        let results = try run((forUpdate ? [schema.lock([account])] : []) + [select])
        guard let rows = results.last?.rows else { return [] }
        return try rows.map { row in
            var row = row
            var webhook = try Webhook(&row)
            let secret = try readSecret(of: webhook.id, &row)
            webhook.headers = secret.headers
            return RegisteredWebhook(webhook: webhook, secrets: secret.secrets)
        }
    }

    /// Reads `secrets, headers`.
    func readSecret(
        of id: WebhookID, _ row: inout PostgresRow
    ) throws -> (secrets: SecretRotation, headers: CustomHeaders) {
        let secrets = try secretColumn.decode(row.bytes(), owner: id.rawValue)
        let headers = try secretColumn.decode(row.bytes(), owner: id.rawValue + "/headers")
        return (try SecretRotation(encoded: secrets), CustomHeaders(stored: headers))
    }

    // MARK: - Changes

    /// Changes a webhook's settings.
    public func update(_ id: WebhookID, account: AccountID, _ update: WebhookUpdate) async throws -> Webhook? {
        try await change(id, of: account) { webhook, _ in
            webhook.apply(update)
            return []
        }
    }

    /// Switches a webhook off.
    public func disable(_ id: WebhookID, account: AccountID) async throws -> Webhook? {
        try await change(id, of: account) { webhook, _ in
            webhook.disable()
            return []
        }
    }

    /// Switches a webhook on, and does to the deliveries that wait what the drain says.
    public func enable(_ id: WebhookID, account: AccountID, drain: Drain) async throws -> Webhook? {
        try await change(id, of: account) { [self] webhook, change in
            webhook.enable(at: change.now)
            guard drain != .atOnce else { return [] }
            let open = try openDeliveries(of: id, account: account, change.session)
            var drained = open
            drain.apply(to: &drained, at: change.now)
            return schema.write(zip(open, drained).filter { $0 != $1 }.map(\.1))
        }
    }

    private struct Change {
        let now: Timestamp
        let session: PostgresSession
    }

    private func change(
        _ id: WebhookID, of account: AccountID,
        _ body: @escaping @Sendable (inout Webhook, Change) throws -> [PostgresStatement]
    ) async throws -> Webhook? {
        let moment = moment
        return try await pool.run(isLong: true) { [self] session in
            guard var webhook = try registered(account, id, session.begin, forUpdate: true).first?.webhook else {
                try session.commit()
                return nil
            }
            let now = try now(moment, session)
            let writes = try body(&webhook, Change(now: now, session: session))
            let update = PostgresStatement(
                """
                UPDATE \(schema.name).webhooks SET url = $3, events = $4, headers = $5, format = $6, timeout = $7,
                    retry_schedule = $8, retry_jitter = $9, retry_after_cap = $10, ordering = $11,
                    requests_per_second = $12, version = $13
                WHERE account = $1 AND id = $2
                """, try settings(of: webhook))
            // What waited for the old settings may be due by the new ones.
            try session.commit(writes + [update] + schema.write([webhook]) + [schema.wake(account, at: now)])
            return webhook
        }
    }

    /// The store's time.
    func now(_ moment: Timestamp?, _ session: PostgresSession) throws -> Timestamp {
        if let moment { return moment }
        guard var row = try session.run([PostgresStatement("SELECT clock_timestamp()")]).first?.first else {
            throw PostgresError.unreadable("the clock", "")
        }
        return try row.time()
    }

    /// A webhook's open deliveries, oldest first.
    private func openDeliveries(
        of webhook: WebhookID, account: AccountID, _ session: PostgresSession
    ) throws -> [Delivery] {
        let sql = """
            SELECT \(PostgresSchema.deliveryColumns) FROM \(schema.name).queue
            WHERE account = $1 AND webhook = $2 AND blocked <> 2 ORDER BY sequence
            """
        let counted = PostgresStatement(
            "SELECT \(schema.name).settle_arrivals($1, clock_timestamp())", .texts([account.rawValue]))
        let results = try session.run([
            counted, PostgresStatement(sql, .text(account.rawValue), .text(webhook.rawValue)),
        ])
        return try results[1].rows.map { row in
            var row = row
            return try Delivery(&row)
        }
    }

    /// Changes a webhook's secrets.
    public func changeSecrets(
        of id: WebhookID, account: AccountID, _ change: SecretRotation.Step
    ) async throws -> SecretRotation? {
        let moment = moment
        return try await pool.run { [self] session in
            guard var secrets = try registered(account, id, session.begin, forUpdate: true).first?.secrets else {
                try session.commit()
                return nil
            }
            try secrets.apply(change, now: now(moment, session))
            try session.commit([
                PostgresStatement(
                    "UPDATE \(schema.name).webhooks SET secrets = $3, version = version + 1 WHERE account = $1 AND id = $2",
                    .text(account.rawValue), .text(id.rawValue),
                    .bytes(try secretColumn.encode(secrets.encoded(), owner: id.rawValue)))
            ])
            return secrets
        }
    }

    /// Deletes a webhook and cancels its open deliveries.
    public func delete(_ id: WebhookID, account: AccountID) async throws -> Bool {
        let moment = moment
        return try await pool.run(isLong: true) { [self] session in
            guard try !registered(account, id, session.begin, forUpdate: true).isEmpty else {
                try session.commit()
                return false
            }
            let now = try now(moment, session)
            let cancelled = try openDeliveries(of: id, account: account, session).map { delivery in
                var delivery = delivery
                delivery.cancel(.webhookDeleted, at: now)
                return delivery
            }
            let key: [PostgresParameter] = [.text(account.rawValue), .text(id.rawValue)]
            try session.commit(
                schema.write(cancelled) + [
                    PostgresStatement("DELETE FROM \(schema.name).webhooks WHERE account = $1 AND id = $2", key),
                    PostgresStatement(
                        "DELETE FROM \(schema.name).webhook_progress WHERE account = $1 AND webhook = $2", key),
                    // Its leases held places of the account.
                    schema.wake(account, at: now),
                ])
            return true
        }
    }
}
#endif
