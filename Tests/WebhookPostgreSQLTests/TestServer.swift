#if PostgreSQL
import Foundation
import Synchronization
import TaskFlowWebhooks
import Testing
import WebhookPostgreSQL
import WebhookTesting

/// The server that `Tests/postgres.sh` has started; without one these tests have nothing to say.
enum TestServer {
    static let connection = ProcessInfo.processInfo.environment["TASKFLOW_TEST_POSTGRES"]
    static let isThere = connection != nil

    private static let number = Mutex(0)

    /// A schema of its own, so that tests run beside each other.
    static func configuration() -> PostgresConfiguration {
        var configuration = PostgresConfiguration(connection: connection ?? "")
        let number = number.withLock {
            $0 += 1
            return $0
        }
        configuration.schema = "test_\(ProcessInfo.processInfo.processIdentifier)_\(number)"
        configuration.connections = 3
        return configuration
    }

    static func store(
        clock: (any WebhookClock)?, _ configuration: PostgresConfiguration = configuration()
    ) async throws -> PostgresStore {
        try await PostgresStore.migrate(configuration)
        return try PostgresStore(configuration, clock: clock)
    }
}
#endif
