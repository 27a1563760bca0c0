#if PostgreSQL
public import WebhookDelivery
public import WebhookEvents
public import WebhookLimits
internal import WebhookRetries
internal import WebhookSigning
internal import WebhookStoreKit

extension PostgresStore {
    /// Adds a webhook, unless its account has reached a limit.
    public func create(_ registered: RegisteredWebhook, limits: ServiceLimits) async throws {
        let webhook = registered.webhook
        let secrets = try secretColumn.encode(registered.secrets.stored, owner: webhook.id.rawValue)
        let settings = try settings(of: webhook)
        let moment = moment
        try await pool.run(for: registered.webhook.accountID) { [self] session in
            let name = schema.name
            let results = try session.begin([
                PostgresStatement(
                    """
                    WITH lock AS (INSERT INTO \(name).account_locks (account) VALUES ($1) ON CONFLICT DO NOTHING)
                    INSERT INTO \(name).accounts (account) VALUES ($1) ON CONFLICT DO NOTHING
                    """, .text(webhook.accountID.rawValue)),
                schema.lock([webhook.accountID]),
                PostgresStatement(
                    "SELECT count(*) FROM \(name).webhooks WHERE account = $1 AND id = $2",
                    .text(webhook.accountID.rawValue), .text(webhook.id.rawValue)),
                PostgresStatement(
                    "SELECT day, COALESCE($2, clock_timestamp()) FROM \(name).accounts WHERE account = $1",
                    .text(webhook.accountID.rawValue), .time(moment)),
            ])
            guard var row = results[2].first else { throw PostgresError.unreadable("webhooks", webhook.id.rawValue) }
            guard try row.integer() == 0 else {
                try session.commit()
                return
            }
            guard var account = results[3].first else {
                throw PostgresError.unreadable("accounts", webhook.accountID.rawValue)
            }
            var day = ServiceLimits.AccountDay(stored: try account.text())
            var webhook = webhook
            let now = try account.time()
            try limits.checkWebhooks(
                existing: countingWebhooks(of: webhook.accountID, now: now, limits: limits, session))
            webhook.quota = try day.register(now: now, limits: limits)
            try session.commit(
                [
                    schema.write(day, of: webhook.accountID),
                    PostgresStatement(
                        """
                        INSERT INTO \(name).webhooks (account, id, url, events, headers, format, timeout, retry_schedule,
                            retry_jitter, retry_after_cap, ordering, requests_per_second, version, updated_at,
                            description, metadata, expires_at, allows_steering, sends_trace_context, created_at, secrets)
                        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)
                        """, settings + [.time(webhook.createdAt), .bytes(secrets)]),
                    PostgresStatement(
                        """
                        INSERT INTO \(name).webhook_progress
                            (account, webhook, state, state_since, succeeded, finished, quota_day, quota_used, health)
                        VALUES ($1, $2, $3, $4, 0, 0, 0, 0, '')
                        """, .text(webhook.accountID.rawValue), .text(webhook.id.rawValue),
                        .text(webhook.status.rawValue), .time(webhook.statusSince)),
                ] + schema.write([webhook]))
        }
    }

    /// The webhook's settings, in the order of the columns.
    func settings(of webhook: Webhook) throws -> [PostgresParameter] {
        let headers = try secretColumn.encode(webhook.headers.stored, owner: webhook.id.rawValue + "/headers")
        return [
            .text(webhook.accountID.rawValue), .text(webhook.id.rawValue), .text(webhook.url),
            .texts(webhook.events.map(\.rawValue)), .bytes(headers), .text(webhook.format.rawValue),
            .integer(webhook.timeout.wholeMicroseconds), .text(webhook.retryPolicy.storedSchedule),
            .double(webhook.retryPolicy.jitter), .integer(webhook.retryPolicy.retryAfterCap.wholeMicroseconds),
            .text(webhook.ordering.rawValue), .integer(webhook.requestsPerSecond.map { Int64($0) }),
            .integer(webhook.version), .time(webhook.updatedAt), .text(webhook.annotations.description),
            .text(webhook.annotations.storedMetadata), .time(webhook.expiresAt), .bool(webhook.allowsSteering),
            .bool(webhook.sendsTraceContext),
        ]
    }

    /// Returns how many webhooks count towards the limit of an account.
    func countingWebhooks(
        of account: AccountID, now: Timestamp, limits: ServiceLimits, _ session: PostgresSession
    ) throws -> Int {
        let sql = """
            SELECT count(*) FROM \(schema.name).webhooks AS w
            JOIN \(schema.name).webhook_progress AS p ON p.account = w.account AND p.webhook = w.id
            WHERE w.account = $1 AND NOT \(Webhook.retiredCondition(before: "$2"))
            """
        let results = try session.run([
            PostgresStatement(sql, .text(account.rawValue), .time(now - limits.retirementGrace))
        ])
        guard var row = results[0].first else { return 0 }
        return try row.int()
    }

    /// Returns retired webhooks.
    public func retiredWebhooks(before: Timestamp, limit: Int) async throws -> [Webhook.Key] {
        try await pool.run(isLong: true) { [schema] session in
            let name = schema.name
            let results = try session.alone([
                PostgresStatement(
                    """
                    SELECT account, id FROM \(name).webhooks WHERE expires_at <= $1
                    UNION SELECT account, webhook FROM \(name).webhook_progress
                        WHERE state_reason = 'gone' AND state = 'disabled' AND state_since <= $1
                    LIMIT $2
                    """, .time(before), .integer(max(0, limit)))
            ])
            var found: [Webhook.Key] = []
            for var row in results[0].rows {
                let account = AccountID(unchecked: try row.text())
                found.append(Webhook.Key(accountID: account, webhookID: WebhookID(unchecked: try row.text())))
            }
            return found
        }
    }

    /// Returns a webhook with its secrets.
    public func webhook(_ id: WebhookID, account: AccountID) async throws -> RegisteredWebhook? {
        try await pool.run { [self] session in try registered(account, id, session.alone, forUpdate: false).first }
    }

    /// Returns an account's webhooks, oldest first.
    public func webhooks(of account: AccountID) async throws -> [Webhook] {
        try await pool.run(for: account) { [self] session in
            try rows(of: account, nil, session.alone, forUpdate: false).compactMap { try? $0.read().webhook }
        }
    }

    /// Returns the identifiers of an account's unreadable webhooks.
    public func unreadableWebhooks(of account: AccountID) async throws -> [WebhookID] {
        try await pool.run(for: account) { [self] session in
            try rows(of: account, nil, session.alone, forUpdate: false).filter { (try? $0.read()) == nil }.map(\.id)
        }
    }

    /// Reads webhooks of an account with their secrets.
    func registered(
        _ account: AccountID, _ id: WebhookID?, _ run: ([PostgresStatement]) throws -> [PostgresResult], forUpdate: Bool
    ) throws -> [RegisteredWebhook] {
        try rows(of: account, id, run, forUpdate: forUpdate).map { row in
            do { return try row.read() } catch { throw DeliveryError.unreadable(row.id, because: error) }
        }
    }

    /// A webhook's row, which may be unreadable.
    private struct WebhookRow {
        let id: WebhookID
        let read: () throws -> RegisteredWebhook
    }

    private func rows(
        of account: AccountID, _ id: WebhookID?, _ run: ([PostgresStatement]) throws -> [PostgresResult],
        forUpdate: Bool
    ) throws -> [WebhookRow] {
        let select = PostgresStatement(
            """
            SELECT w.id, \(Webhook.postgresColumns), w.secrets, w.headers FROM \(schema.name).webhooks AS w
            JOIN \(schema.name).webhook_progress AS p ON p.account = w.account AND p.webhook = w.id
            WHERE w.account = $1 AND ($2 IS NULL OR w.id = $2) ORDER BY w.created_at, w.id
            """, .text(account.rawValue), .text(id?.rawValue))
        let results = try run((forUpdate ? [schema.lock([account])] : []) + [select])
        guard let rows = results.last?.rows else { return [] }
        return try rows.map { row in
            var row = row
            let id = WebhookID(unchecked: try row.text())
            return WebhookRow(id: id) { [self, row] in
                var row = row
                var webhook = try Webhook(reading: &row)
                let secret = try self.readSecret(of: webhook.id, &row)
                webhook.headers = secret.headers
                return RegisteredWebhook(webhook: webhook, secrets: secret.secrets)
            }
        }
    }

    /// Reads `secrets, headers`.
    func readSecret(
        of id: WebhookID, _ row: inout PostgresRow
    ) throws -> (secrets: SecretRotation, headers: CustomHeaders) {
        let secrets = try secretColumn.decode(row.bytes(), owner: id.rawValue)
        let headers = try secretColumn.decode(row.bytes(), owner: id.rawValue + "/headers")
        guard let fields = CustomHeaders(stored: headers) else {
            throw PostgresError.unreadable("webhooks", id.rawValue)
        }
        return (try SecretRotation(stored: secrets), fields)
    }
}
#endif
