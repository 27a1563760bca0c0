#if PostgreSQL
import Foundation
import Synchronization
import TaskFlowWebhooks
import Testing
import WebhookPostgreSQL
import WebhookTesting

/// The server that `Tests/postgres.sh` has started; without a server these tests are skipped.
enum TestServer {
    static let connection = ProcessInfo.processInfo.environment["TASKFLOW_TEST_POSTGRES"]
    static let isAvailable = connection != nil
    /// The same server behind pgbouncer.
    static let pooler = ProcessInfo.processInfo.environment["TASKFLOW_TEST_PGBOUNCER"]

    private static let number = Mutex(0)

    /// Returns a configuration with a separate schema, so that tests can run in parallel.
    static func configuration() -> PostgresConfiguration {
        var configuration = PostgresConfiguration(connection: connection ?? "")
        let number = number.withLock {
            $0 += 1
            return $0
        }
        configuration.schema = "test_\(ProcessInfo.processInfo.processIdentifier)_\(number)"
        configuration.connection += " application_name=\(configuration.schema)"
        configuration.connections = 3
        // Tests run in parallel on few cores, so short timeouts would fail at random.
        configuration.callTimeout = .seconds(20)
        return configuration
    }
}

/// Returns the script for roles that the documentation refers to.
func rolesScript() throws -> String {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    return try String(contentsOf: root.appending(path: "Docs/Reference/postgresql-roles.sql"), encoding: .utf8)
}

func report(_ claimed: [ClaimedDelivery]) -> [Settlement] {
    claimed.map { claimed in
        Settlement(
            lease: claimed.lease,
            attempt: Attempt(
                number: 1, startedAt: SystemClock().now, duration: .milliseconds(3), statusCode: 200, errorType: nil
            ),
            outcome: AttemptOutcome.response(status: 200, retryAfter: nil).kind, decision: .succeed)
    }
}

/// A store in a separate schema, on the server's clock, with other clients of the same server.
struct TestDatabase {
    let configuration: PostgresConfiguration
    let store: PostgresStore
    let service: WebhookService

    static let registration = WebhookRegistration(
        url: "https://yourapp.com/webhooks/taskflow", events: [.all], secret: .generate(),
        retryPolicy: RetryPolicy(clamping: [.seconds(1), .milliseconds(1500)], jitter: 0.05))

    init(
        _ configuration: PostgresConfiguration = TestServer.configuration(), sealing: (any SecretSealing)? = nil
    ) async throws {
        try await PostgresStore.migrate(configuration)
        try self.init(existing: configuration, sealing: sealing)
    }

    /// Returns another process's store on the same tables, whose sessions have an additional option.
    func other(option: String) throws -> TestDatabase {
        var configuration = configuration
        configuration.connection += " options='-c \(option)'"
        return try TestDatabase(existing: configuration)
    }

    private init(existing configuration: PostgresConfiguration, sealing: (any SecretSealing)? = nil) throws {
        self.configuration = configuration
        store = try PostgresStore(configuration, sealing: sealing)
        service = WebhookService(
            store: store, transport: ScriptedTransport(statuses: []), clock: SystemClock(),
            random: SeededRandomSource(seed: 7))
    }

    /// Runs a statement in `psql`; returns its output and errors.
    ///
    /// `{schema}` is replaced by the name of the schema.
    @discardableResult
    func psql(_ sql: String, role: String? = nil) throws -> (output: String, error: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        let setRole = role.map { ["-c", "SET ROLE \($0)"] } ?? []
        let text = sql.replacing("{schema}", with: configuration.schema)
        process.arguments =
            [
                "psql", configuration.connection + " application_name=psql", "-X", "-q", "-A", "-t", "-v",
                "ON_ERROR_STOP=1",
            ] + setRole + [
                "-c", text,
            ]
        let (output, error) = (Pipe(), Pipe())
        (process.standardOutput, process.standardError) = (output, error)
        try process.run()
        let printed = output.fileHandleForReading.readDataToEndOfFile()
        let complained = error.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (
            String(decoding: printed, as: UTF8.self).trimmingCharacters(in: .newlines),
            String(decoding: complained, as: UTF8.self)
        )
    }

    /// Runs the script for roles on the schema; returns the errors of `psql`.
    func makeRoles() throws -> String {
        let script = try rolesScript().replacing("taskflow_webhooks.", with: "{schema}.")
            .replacing("SCHEMA taskflow_webhooks", with: "SCHEMA {schema}")
        // Roles belong to the whole server, and tests run in parallel.
        return try psql("SELECT pg_advisory_xact_lock(14); \(script)").error
    }

    /// Cuts every connection of the store.
    func cutConnections() throws {
        let sql = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = '{schema}'"
        #expect(try psql(sql).output != "0")
    }

    /// Claims all due deliveries.
    func claim() async throws -> [ClaimedDelivery] {
        var request = ClaimRequest(count: 1000)
        (request.rules.maximumInFlightPerWebhook, request.rules.maximumInFlightPerAccount) = (1000, 1000)
        return try await store.claim(request).deliveries
    }
}
#endif
