#if PostgreSQL
public import WebhookEvents
public import WebhookReceiving

/// A deduplication store in PostgreSQL, for consumers that run on several machines.
///
/// A handler that works in the same database calls `commit_handled` in its transaction, through any client:
/// `SELECT taskflow_webhooks.commit_handled(account, event, endpoint, token, keep_until)`, with the values of
/// `WebhookContext`. The work and the mark are then committed together, or neither is; an error with SQLSTATE `TF001`
/// means that the claim was lost. Expired marks are removed a few rows at a time.
public final class PostgresDeduplication: DeduplicationStore {
    private let name: String
    private let pool: PostgresPool
    private let clock: (any WebhookClock)?

    /// Creates a store, which connects at its first use.
    ///
    /// - Parameters:
    ///   - configuration: The server and how to use it. The tables must exist: see ``migrate(_:)``.
    ///   - clock: The clock for leases; `nil` uses the server's.
    /// - Throws: ``PostgresError`` with code ``PostgresError/Code/invalidConfiguration``.
    public init(_ configuration: PostgresConfiguration, clock: (any WebhookClock)? = nil) throws(PostgresError) {
        try configuration.check()
        self.name = configuration.schema
        self.clock = clock
        self.pool = PostgresPool(configuration, PostgresSchema(name: configuration.schema, part: .deduplication))
    }

    /// Creates or migrates the tables of the deduplication store, separate from those of a `PostgresStore`.
    ///
    /// - Parameter configuration: The server.
    /// - Throws: ``PostgresError``.
    public static func migrate(_ configuration: PostgresConfiguration) async throws {
        try configuration.check()
        try await PostgresSchema(name: configuration.schema, part: .deduplication).migrate(configuration)
    }

    /// Claims an event for handling, for the duration of its lease by the server's clock.
    ///
    /// - Throws: ``PostgresError``.
    public func claim(
        _ key: DeduplicationKey, now: Timestamp, until leaseEnd: Timestamp
    ) async throws -> DeduplicationResult {
        let moment = clock?.now
        return try await pool.run { [name] session in
            let results = try session.alone([
                PostgresStatement(
                    """
                    SELECT result, token FROM \(name).claim_handled($1, $2, $3, $4 * interval '1 microsecond', $5)
                    """, .text(key.accountID.rawValue), .text(key.eventID.rawValue), .text(key.endpoint),
                    .double(Double((leaseEnd - now).wholeMicroseconds)), .time(moment))
            ])
            guard var row = results[0].first else { return .inProgress }
            let result = try row.text()
            if let token = try row.optionalInteger() { return .claimed(DeduplicationClaim(key: key, token: token)) }
            return result == "duplicate" ? .duplicate : .inProgress
        }
    }

    /// Marks an event as handled.
    ///
    /// - Throws: ``PostgresError``.
    public func commit(_ claim: DeduplicationClaim, keepUntil expiry: Timestamp) async throws {
        let key = claim.key
        try await pool.run { [name] session in
            // The work is done, even when the claim was lost meanwhile.
            _ = try session.alone([
                PostgresStatement(
                    """
                    INSERT INTO \(name).handled_events AS h (account, event, endpoint, token, is_handled, until)
                    VALUES ($1, $2, $3, $4, true, $5) ON CONFLICT (account, event, endpoint)
                    DO UPDATE SET is_handled = true, until = EXCLUDED.until WHERE NOT h.is_handled
                    """, .text(key.accountID.rawValue), .text(key.eventID.rawValue), .text(key.endpoint),
                    .integer(claim.token), .time(expiry))
            ])
        }
    }

    /// Releases a claim.
    ///
    /// - Throws: ``PostgresError``.
    public func release(_ claim: DeduplicationClaim) async throws {
        let key = claim.key
        try await pool.run { [name] session in
            _ = try session.alone([
                PostgresStatement(
                    """
                    DELETE FROM \(name).handled_events
                    WHERE account = $1 AND event = $2 AND endpoint = $3 AND token = $4 AND NOT is_handled
                    """, .text(key.accountID.rawValue), .text(key.eventID.rawValue), .text(key.endpoint),
                    .integer(claim.token))
            ])
        }
    }
}
#else
/// Requires the trait.
@available(*, unavailable, message: "PostgresDeduplication needs the trait: .package(…, traits: [\"PostgreSQL\"])")
public final class PostgresDeduplication {}
#endif
