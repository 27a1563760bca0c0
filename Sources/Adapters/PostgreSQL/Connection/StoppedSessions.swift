#if PostgreSQL
internal import Synchronization

/// Sessions of processes that were stopped in the middle of what they send: by a debugger, or with their container.
///
/// They hold accounts, and to the server they are not idle in a transaction, so that none of its timeouts holds (PostgreSQL 17
/// has one, `transaction_timeout`). So every process looks for them now and then. A process that runs, however slowly it sends
/// and reads, gives a call up after `callTimeout` and closes its connection, and a long call, which its transaction is marked as,
/// after `longCallTimeout`.
final class StoppedSessions: Sendable {
    private let schema: String
    private let configuration: PostgresConfiguration
    private let looksAgainAt: Mutex<ContinuousClock.Instant>

    init(_ schema: PostgresSchema, _ configuration: PostgresConfiguration) {
        self.schema = schema.name
        self.configuration = configuration
        self.looksAgainAt = Mutex(.now + configuration.callTimeout)
    }

    /// What marks a transaction as that of a long call, for other sessions to see: a lock that is never waited for.
    static func mark(_ configuration: PostgresConfiguration) -> String { "\(configuration.schema).long" }

    /// Ends those of this role that hold accounts, and looks at most once in the time of a call.
    ///
    /// So an account is free again after three times the time of a call: 12 seconds unless the host says otherwise.
    ///
    /// Only stores lock rows of `account_locks`, so that no other client's session is among them.
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
        // The call that follows on this connection finds out what is wrong with it, if anything is.
        _ = try? connection.run(look)
    }
}
#endif
