#if PostgreSQL
internal import WebhookEvents

/// A connection that is owned by one call.
struct PostgresSession {
    let connection: PostgresConnection
    /// A timeout for statements, where a pooler assigns connections and it cannot be set once.
    let preamble: PostgresStatement?

    /// Independent of the database's default: statements after a lock must see the commits of its previous owner.
    private static let begin = PostgresStatement("BEGIN ISOLATION LEVEL READ COMMITTED")

    /// Limits how long the rest of a transaction waits for locks of other transactions.
    static func lockTimeout(_ duration: Duration) -> PostgresStatement {
        PostgresStatement("SELECT set_config('lock_timeout', $1, true)", .text(String(max(1, duration.milliseconds))))
    }

    /// Sends statements together and returns their results.
    func run(_ statements: [PostgresStatement]) throws(PostgresError) -> [PostgresResult] {
        try connection.run(statements)
    }

    /// Begins a transaction and runs its first statements, sent together.
    func begin(_ statements: [PostgresStatement]) throws(PostgresError) -> [PostgresResult] {
        let opening = [Self.begin] + (preamble.map { [$0] } ?? [])
        return Array(try connection.run(opening + statements).dropFirst(opening.count))
    }

    /// Runs the last statements of a transaction and commits it, sent together.
    ///
    /// The server rolls back a failed transaction when it is told to commit; an earlier call has then thrown.
    ///
    /// - Parameters:
    ///   - statements: The last statements.
    ///   - requiresStandby: Whether a commit that a synchronous standby has not confirmed is a failure.
    /// - Returns: One result per statement.
    /// - Throws: ``PostgresError``.
    @discardableResult
    func commit(
        _ statements: [PostgresStatement] = [], requiresStandby: Bool = true
    ) throws(PostgresError) -> [PostgresResult] {
        connection.isCommitting = true
        return try connection.run(statements + [PostgresStatement("COMMIT")], requiresStandby: requiresStandby)
            .dropLast()
    }

    /// Runs statements as a separate transaction, sent together.
    func alone(_ statements: [PostgresStatement]) throws(PostgresError) -> [PostgresResult] {
        let opening = [Self.begin] + (preamble.map { [$0] } ?? [])
        let results = try connection.run(opening + statements + [PostgresStatement("COMMIT")])
        return Array(results.dropFirst(opening.count).dropLast())
    }
}
#endif
