#if PostgreSQL
/// Where the PostgreSQL server is, and how the store uses it.
public struct PostgresConfiguration: Sendable, Hashable {
    /// A connection string or URI as libpq reads it: several hosts, TLS (`sslmode=verify-full`), a service file and so on.
    ///
    /// With a standby, name both hosts and add `target_session_attrs=read-write`: after a failover the store finds the new
    /// primary by itself.
    public var connection: String
    /// The schema that holds the tables; lower-case letters, digits and `_`.
    public var schema = "taskflow_webhooks"
    /// The most connections that one store opens, beside one that listens.
    ///
    /// A store uses few: calls are batched.
    public var connections = 4
    /// How long a call may take, with the wait for a free connection; no longer than the dispatcher's `storeTime`.
    public var callTimeout = Duration.seconds(4)
    /// How long a call may take that looks at much or removes much: counts, statistics, retention, drains.
    ///
    /// The same in all processes of a role: one whose call lasts longer is taken for stopped by the others.
    public var longCallTimeout = Duration.seconds(60)
    /// How long connecting may take, for each host that the connection string names; libpq knows whole seconds, and at least 2.
    public var connectTimeout = Duration.seconds(2)
    /// Whether a pooler stands between that gives each transaction another connection (pgbouncer's transaction mode).
    ///
    /// Statements are then planned anew each time, and wake-ups between processes need a poll, because neither prepared
    /// statements nor `LISTEN` survive such a pooler.
    public var usesTransactionPooler = false

    /// Creates a configuration.
    ///
    /// - Parameter connection: A connection string or URI as libpq reads it.
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
                .invalidConfiguration, "\(schema) is no usable name for a schema",
                hint: "Take lower-case letters, digits and _, at most 40 of them.")
        }
        guard connections >= 1, callTimeout >= .milliseconds(100), longCallTimeout >= callTimeout else {
            throw PostgresError(
                .invalidConfiguration, "A store needs a connection and time for its calls",
                hint: "Take at least one connection and 100 ms, and no less for long calls.")
        }
    }
}
#endif
