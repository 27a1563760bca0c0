#if PostgreSQL
internal import WebhookEvents

/// A connection in the hands of one call.
struct PostgresSession {
    let connection: PostgresConnection
    /// A limit on what a statement may take, where a pooler hands out connections and it cannot be set once.
    let preamble: PostgresStatement?

    /// Whatever the database's default is: statements after a lock must see what its last owner has committed.
    private static let begin = PostgresStatement("BEGIN ISOLATION LEVEL READ COMMITTED")

    /// Bounds how long the rest of a transaction waits for what other transactions hold.
    static func patience(_ duration: Duration) -> PostgresStatement {
        PostgresStatement("SELECT set_config('lock_timeout', $1, true)", .text(String(max(1, duration.milliseconds))))
    }

    /// Runs statements in one piece.
    func run(_ statements: [PostgresStatement]) throws(PostgresError) -> [PostgresResult] {
        try connection.run(statements)
    }

    /// Begins a transaction and runs its first statements, in one piece.
    func begin(_ statements: [PostgresStatement]) throws(PostgresError) -> [PostgresResult] {
        let opening = [Self.begin] + (preamble.map { [$0] } ?? [])
        return Array(try connection.run(opening + statements).dropFirst(opening.count))
    }

    /// Runs the last statements of a transaction and commits it, in one piece.
    ///
    /// A transaction that failed before is rolled back by the server when it is told to commit; then an earlier call has thrown.
    ///
    /// - Parameters:
    ///   - statements: The last statements.
    ///   - needsStandby: Whether a commit that a synchronous standby has not confirmed is a failure.
    /// - Returns: A result for each.
    /// - Throws: ``PostgresError``.
    @discardableResult
    func commit(
        _ statements: [PostgresStatement] = [], needsStandby: Bool = true
    ) throws(PostgresError) -> [PostgresResult] {
        connection.isCommitting = true
        return try connection.run(statements + [PostgresStatement("COMMIT")], needsStandby: needsStandby).dropLast()
    }

    /// Runs statements in one piece that is a transaction of its own.
    func alone(_ statements: [PostgresStatement]) throws(PostgresError) -> [PostgresResult] {
        let opening = [Self.begin] + (preamble.map { [$0] } ?? [])
        let results = try connection.run(opening + statements + [PostgresStatement("COMMIT")])
        return Array(results.dropFirst(opening.count).dropLast())
    }
}
#endif
