#if PostgreSQL
/// The PostgreSQL server, and how the store uses it.
public struct PostgresConfiguration: Sendable, Hashable {
    /// A connection string or URI in libpq's format: several hosts, TLS (`sslmode=verify-full`), a service file and so
    /// on.
    ///
    /// With a standby, name both hosts and add `target_session_attrs=read-write`: after a failover the store then
    /// connects to the new primary.
    public var connection: String
    /// The schema that contains the tables; lower-case letters, digits and `_`.
    public var schema = "taskflow_webhooks"
    /// The maximum number of connections of one store, plus one for notifications.
    ///
    /// A store needs few, because calls are batched.
    public var connections = 4
    /// The longest duration of a call, including the wait for a free connection; no longer than the dispatcher's
    /// `storeCallTimeout`.
    public var callTimeout = Duration.seconds(4)
    /// The longest duration of a call that reads or removes many rows: counts, statistics, retention, backlog policies.
    ///
    /// Use the same value in all processes of a role: a process whose call lasts longer is treated as stopped by the
    /// others.
    public var longCallTimeout = Duration.seconds(60)
    /// The longest duration of connecting, for each host of the connection string; libpq uses whole seconds, and at
    /// least 2.
    public var connectTimeout = Duration.seconds(2)
    /// Whether connections go through a pooler that assigns a server per transaction (pgbouncer's transaction mode).
    ///
    /// The server then plans statements each time, and processes learn of each other's events by polling, because
    /// neither prepared statements nor `LISTEN` work through such a pooler.
    public var usesTransactionPooler = false

    /// Creates a configuration.
    ///
    /// - Parameter connection: A connection string or URI in libpq's format.
    public init(connection: String) { self.connection = connection }

    func check() throws(PostgresError) {
        try checkConnection()
        let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        let isName = schema.utf8.allSatisfy { letters.contains($0) || digits.contains($0) || $0 == UInt8(ascii: "_") }
        guard isName, let first = schema.utf8.first, !digits.contains(first), schema.utf8.count <= 40,
            !schema.hasPrefix("pg_")
        else {
            throw PostgresError(
                .invalidConfiguration, "\(schema) is not a valid schema name",
                hint: "Use at most 40 lower-case letters, digits and _.")
        }
        guard connections >= 1, callTimeout >= .milliseconds(100), longCallTimeout >= callTimeout else {
            throw PostgresError(
                .invalidConfiguration, "The number of connections or a timeout is too small",
                hint: "Allow at least one connection, 100 ms per call, and no less for long calls.")
        }
    }
}
#endif
