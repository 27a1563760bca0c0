#if PostgreSQL
internal import WebhookEvents

/// The tables and functions, version by version.
struct PostgresSchema {
    /// The name of the schema that holds them.
    let name: String

    /// All versions, oldest first.
    ///
    /// One that was released is never changed.
    private static let versions = [tables + "\n---\n" + functions + "\n---\n" + partitions + "\n---\n" + outbox]

    /// The version that this library works with.
    static var current: Int64 { Int64(versions.count) }

    /// A delivery's columns, in the order in which rows are read.
    static let deliveryColumns = """
        id, account, event, event_type, webhook, created_at, sequence, made_by, redelivery_of, ordering_key, status, reason, \
        due_at, token, attempts, crashes, is_charged, first_attempt_at
        """

    /// The same columns of one of several tables.
    static func deliveryColumns(of table: String) -> String {
        deliveryColumns.split(separator: ", ").map { "\(table).\($0)" }.joined(separator: ", ")
    }

    /// Brings the tables to this version, in one transaction; of several workers that do so at once one does it.
    func migrate(_ session: PostgresSession) throws(PostgresError) {
        _ = try session.begin([
            PostgresStatement("SELECT pg_advisory_xact_lock(hashtextextended('\(name).migrate', 0))"),
            PostgresStatement("CREATE SCHEMA IF NOT EXISTS \(name)"),
            PostgresStatement(
                """
                CREATE TABLE IF NOT EXISTS \(name).schema_versions (
                    version bigint PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())
                """),
        ])
        let installed = try version(session)
        guard installed <= Self.current else { throw Self.mismatch(installed) }
        for (index, version) in Self.versions.enumerated().dropFirst(Int(installed)) {
            let statements = version.replacing("{schema}", with: name).split(separator: "\n---\n")
            _ = try session.run(statements.map { PostgresStatement(String($0)) })
            _ = try session.run([
                PostgresStatement("INSERT INTO \(name).schema_versions (version) VALUES ($1)", .integer(index + 1))
            ])
        }
        try session.commit()
    }

    /// Makes sure that the tables are those of this version.
    func check(_ session: PostgresSession) throws(PostgresError) {
        let installed = try version(session)
        guard installed == Self.current else { throw Self.mismatch(installed) }
    }

    /// Makes the partitions of today and some days after it.
    func makePartitions(at now: Timestamp?, days: Int) -> PostgresStatement {
        PostgresStatement("SELECT \(name).make_partitions($1, $2)", .time(now), .integer(days))
    }

    private func version(_ session: PostgresSession) throws(PostgresError) -> Int64 {
        let sql = "SELECT COALESCE(max(version), 0) FROM \(name).schema_versions"
        var row = try session.run([PostgresStatement(sql)]).first?.first
        return try row?.integer() ?? 0
    }

    private static func mismatch(_ installed: Int64) -> PostgresError {
        PostgresError(
            .schemaMismatch, "The tables have version \(installed), the library needs \(current)",
            hint: installed < current
                ? "Call PostgresStore.migrate."
                : "Update the library in this host: another one has migrated the tables.")
    }
}
#endif
