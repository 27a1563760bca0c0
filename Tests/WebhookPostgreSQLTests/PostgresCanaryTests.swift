#if PostgreSQL
import TaskFlowWebhooks
import TestSupport
import Testing
import WebhookPostgreSQL
import WebhookTesting

/// Checks what the store, its configuration and its errors print; see `CanaryTests`.
@Suite("PostgresStore, printing")
struct PostgresCanaryTests {
    static let canary = "canary4711canary"

    /// Connection strings with a password, and the printed form of each.
    ///
    /// No server listens at these addresses.
    private static let connections: [(connection: String, shown: String)] = [
        ("host=127.0.0.1 port=1 user=worker password=\(canary)", "host=127.0.0.1 port=1 user=worker 1 more hidden"),
        ("host=127.0.0.1 port=1 password='my \(canary)'", "host=127.0.0.1 port=1 1 more hidden"),
        ("postgresql://worker:\(canary)@127.0.0.1:1/db", "host=127.0.0.1 port=1 dbname=db user=worker 1 more hidden"),
        ("postgresql://worker:x#\(canary)@127.0.0.1:1", "host=127.0.0.1 port=1 user=worker 1 more hidden"),
        (
            "host=127.0.0.1 port=1 user=me@server password=\(canary)",
            "host=127.0.0.1 port=1 user=me@server 1 more hidden"
        ),
        ("postgresql://127.0.0.1:1/db?password=\(canary)", "host=127.0.0.1 port=1 dbname=db 1 more hidden"),
        (
            "postgresql://worker:\(canary)@127.0.0.1:1,127.0.0.2:1/db",
            "host=127.0.0.1,127.0.0.2 port=1,1 dbname=db user=worker 1 more hidden"
        ),
        ("host=127.0.0.1 port=1 sslpassword=\(canary) options='-c \(canary)'", "host=127.0.0.1 port=1 2 more hidden"),
    ]

    /// Connection strings with a misplaced password.
    private static let broken = [
        "host=127.0.0.1 password=my \(canary)", "host=127.0.0.1 \(canary)", "\(canary)=password host=127.0.0.1",
        "host=127.0.0.1 password='\(canary)", "postgresql://worker:%zz\(canary)@127.0.0.1:1/db",
        "postgresql://worker:x/\(canary)@127.0.0.1:1/db", "postgresql://worker:\(canary)/x@127.0.0.1:1/db",
        "postgresql://worker:\(canary)@x@127.0.0.1:1/db", "postgresql://worker:x@\(canary)@127.0.0.1:1/db",
        "postgresql://127.0.0.1:1/db?passwort=\(canary)",
        "postgresql://[\(canary)", "host=127.0.0.1 port=\(canary)",
        "mysql://worker:\(canary)@127.0.0.1/db",
    ]

    @Test("A configuration prints its server, and no password", arguments: connections)
    func configuration(connection: String, shown: String) throws {
        let configuration = PostgresConfiguration(connection: connection)
        try assertNeverPrints(Self.canary, configuration)
        #expect("\(configuration)".contains("connection: \(shown), schema: taskflow_webhooks"), "\(configuration)")
        try assertNeverPrints(Self.canary, try PostgresStore(configuration))
    }

    @Test("A misplaced password is an error that does not quote it", arguments: broken)
    func misplaced(connection: String) throws {
        let configuration = PostgresConfiguration(connection: connection)
        try assertNeverPrints(Self.canary, configuration)
        let error = #expect(throws: PostgresError.self) { try PostgresStore(configuration) }
        #expect(error?.code == .invalidConfiguration)
        try assertNeverPrints(Self.canary, try #require(error))
    }

    @Test("A missing server is an error without the password", arguments: connections)
    func unavailable(connection: String, shown: String) async throws {
        var configuration = PostgresConfiguration(connection: connection)
        configuration.callTimeout = .milliseconds(500)
        let store = try PostgresStore(configuration)
        let error = await #expect(throws: PostgresError.self) { _ = try await store.deliveryCounts(of: nil) }
        try assertNeverPrints(Self.canary, try #require(error))
    }

    @Test("A service on PostgreSQL prints neither secrets nor bodies", .enabled(if: TestServer.isAvailable))
    func service() async throws {
        let key = try AESGCMSealing.Key(id: "k", bytes: Array((Self.canary + Self.canary).utf8))
        let database = try await TestDatabase(
            sealing: try AESGCMSealing(key: key, random: SeededRandomSource(seed: 1)))
        var registration = TestDatabase.registration
        registration.secret = .given(try WebhookSecret(Self.canary))
        registration.headers = try CustomHeaders(["Authorization": "Bearer \(Self.canary)"])
        try await database.service.register(registration, account: "acc_123")
        try assertNeverPrints(Self.canary, database.store)
        try assertNeverPrints(Self.canary, database.service)
        // The table rejects the row, and the server's message quotes what it can.
        try database.psql("ALTER TABLE {schema}.webhooks ADD CHECK (url !~ 'refuse')")
        registration.url = "https://yourapp.com/refuse/\(Self.canary)"
        let refused = registration
        let error = await #expect(throws: PostgresError.self) {
            try await database.service.register(refused, account: "acc_123")
        }
        try assertNeverPrints(Self.canary, try #require(error))
    }
}
#endif
