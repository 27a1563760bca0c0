#if PostgreSQL
internal import Synchronization

/// Ends sessions of processes that were stopped in the middle of a call, by a debugger or with their container.
///
/// Such sessions hold accounts, and the server does not consider them idle in a transaction, so none of its timeouts
/// applies (PostgreSQL 17 has one, `transaction_timeout`). So every process looks for them now and then. A process that
/// runs, however slowly it sends and reads, abandons a call after `callTimeout` and closes its connection. It abandons
/// a long call, whose transaction is marked, after `longCallTimeout`.
final class StoppedSessions: Sendable {
    private let schema: String
    private let configuration: PostgresConfiguration
    private let looksAgainAt: Mutex<ContinuousClock.Instant>

    init(_ schema: PostgresSchema, _ configuration: PostgresConfiguration) {
        self.schema = schema.name
        self.configuration = configuration
        self.looksAgainAt = Mutex(.now + configuration.callTimeout)
    }

    /// The name of the advisory lock that marks a transaction as a long call; it is never waited for.
    static func mark(_ configuration: PostgresConfiguration) -> String { "\(configuration.schema).long" }

    /// Ends the stopped sessions of this role that hold accounts, and checks at most once per `callTimeout`.
    ///
    /// So an account is free again after three times `callTimeout`: 12 seconds by default.
    ///
    /// Only stores lock rows of `account_locks`, so no other client's session is affected.
    func end(on connection: PostgresConnection) {
        let isTime = looksAgainAt.withLock { time in
            guard ContinuousClock.now >= time else { return false }
            time = .now + configuration.callTimeout
            return true
        }
        guard isTime else { return }
        let look = PostgresStatement(
            """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity AS a
            WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()
                AND state = 'active' AND wait_event IN ('ClientRead', 'ClientWrite')
                AND query_start < clock_timestamp() - interval '1 millisecond' * CASE WHEN (
                    SELECT true FROM pg_locks AS l
                    WHERE l.pid = a.pid AND locktype = 'advisory'
                        AND classid::bigint << 32 | objid::bigint = hashtextextended($3, 0) LIMIT 1)
                    THEN $2 ELSE $1 END
                AND (SELECT true FROM pg_locks AS l
                    WHERE l.pid = a.pid AND granted AND mode = 'RowShareLock'
                        AND relation = to_regclass('\(schema).account_locks') LIMIT 1)
            """, .integer(Int(clamping: 2 * configuration.callTimeout.milliseconds)),
            .integer(Int(clamping: configuration.longCallTimeout.milliseconds)), .text(Self.mark(configuration)))
        // If the connection is broken, the next call on it will report that.
        _ = try? connection.run(look)
    }
}
#endif
