#if PostgreSQL
internal import WebhookEvents

/// The versions of the tables and functions.
struct PostgresSchema {
    /// A group of tables: a consumer needs none of a sender's.
    enum Part: String {
        case store
        case deduplication

        /// All versions, oldest first.
        ///
        /// A released version never changes.
        fileprivate var versions: [String] {
            switch self {
            case .store:
                [[tables, functions, partitions, shapes, envelope, outbox, viewing].joined(separator: "\n---\n")]
            case .deduplication: [PostgresSchema.deduplication]
            }
        }
    }

    /// The name of the schema that contains the tables.
    let name: String
    let part: Part

    init(name: String, part: Part = .store) {
        self.name = name
        self.part = part
    }

    /// Migrates the tables to this version, on a separate connection.
    func migrate(_ configuration: PostgresConfiguration) async throws {
        var single = configuration
        single.connections = 1
        // Table changes wait for transactions that use the tables, and a later version may rewrite many rows.
        single.longCallTimeout = max(configuration.longCallTimeout, .seconds(3600))
        try await PostgresPool(single).run(isLong: true) { session in
            try migrate(session)
            guard part == .store else { return }
            for day in 0...1 { _ = try session.alone([makePartitions(now: nil, after: day)]) }
        }
    }

    /// Migrates the tables to this version, in one transaction; of several concurrent workers only one does it.
    private func migrate(_ session: PostgresSession) throws(PostgresError) {
        _ = try session.begin([
            PostgresStatement("SELECT pg_advisory_xact_lock(hashtextextended('\(name).migrate', 0))"),
            PostgresStatement("CREATE SCHEMA IF NOT EXISTS \(name)"),
            PostgresStatement(
                """
                CREATE TABLE IF NOT EXISTS \(name).schema_versions (
                    part text, version bigint, applied_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (part, version))
                """),
        ])
        let installed = try version(session)
        guard installed <= part.versions.count else { throw mismatch(installed) }
        for (index, version) in part.versions.enumerated().dropFirst(Int(installed)) {
            let statements = version.replacing("{schema}", with: name).split(separator: "\n---\n")
            _ = try session.run(statements.map { PostgresStatement(String($0)) })
            _ = try session.run([
                PostgresStatement(
                    "INSERT INTO \(name).schema_versions (part, version) VALUES ($1, $2)", .text(part.rawValue),
                    .integer(index + 1))
            ])
        }
        try session.commit()
    }

    /// Checks that the tables have this version.
    func check(_ session: PostgresSession) throws(PostgresError) {
        let installed = try version(session)
        guard installed == part.versions.count else { throw mismatch(installed) }
    }

    /// Creates the partitions of the day that is some days after a moment.
    func makePartitions(now: Timestamp?, after days: Int) -> PostgresStatement {
        PostgresStatement("SELECT \(name).make_partitions($1, $2)", .time(now), .integer(days))
    }

    private func version(_ session: PostgresSession) throws(PostgresError) -> Int64 {
        let sql = "SELECT COALESCE(max(version), 0) FROM \(name).schema_versions WHERE part = $1"
        var row = try session.run([PostgresStatement(sql, .text(part.rawValue))]).first?.first
        return try row?.integer() ?? 0
    }

    private func mismatch(_ installed: Int64) -> PostgresError {
        PostgresError(
            .schemaMismatch, "The tables have version \(installed), but the library requires \(part.versions.count)",
            hint: installed < part.versions.count
                ? "Call migrate first."
                : "Update the library in this host: another host has migrated the tables.")
    }
}
#endif
