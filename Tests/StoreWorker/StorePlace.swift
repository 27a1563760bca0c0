#if HTTPTransport && PostgreSQL && SQLite
import TaskFlowWebhooks
import WebhookPostgreSQL
import WebhookSQLite

/// The location of a store.
struct StoreLocation {
    let isPostgres: Bool
    let path: String

    init(_ text: String) throws(Usage) {
        let parts = text.split(separator: ":", maxSplits: 1)
        guard parts.count == 2, ["sqlite", "postgres"].contains(parts[0]) else {
            throw Usage("a store is sqlite:PATH or postgres:CONNECTION")
        }
        isPostgres = parts[0] == "postgres"
        path = String(parts[1])
    }

    var configuration: PostgresConfiguration {
        var configuration = PostgresConfiguration(connection: path)
        configuration.callTimeout = .milliseconds(1500)
        configuration.longCallTimeout = .seconds(10)
        return configuration
    }

    func open() async throws -> any WebhookStore {
        guard isPostgres else { return try SQLiteStore(path: path) }
        try await PostgresStore.migrate(configuration)
        return try PostgresStore(configuration)
    }
}

func printLedger(of place: StoreLocation) async throws {
    let deliveryCounts = try await place.open().deliveryCounts(of: nil)
    print(
        """
        {"accepted": \(deliveryCounts.accepted), "open": \(deliveryCounts.open), "succeeded": \(deliveryCounts.succeeded), \
        "failed": \(deliveryCounts.failed), "cancelled": \(deliveryCounts.cancelled), "rejected": \(deliveryCounts.rejected)}
        """)
}
#endif
