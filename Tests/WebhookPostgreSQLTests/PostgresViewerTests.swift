#if PostgreSQL
import TaskFlowWebhooks
import Testing
import WebhookPostgreSQL
import WebhookTesting

/// What people and dashboards can read as `taskflow_viewer`.
@Suite("PostgresStore, viewers", .enabled(if: TestServer.isAvailable, "needs a server: bash Tests/run.sh starts one"))
struct PostgresViewerTests {
    /// Selects every column that a role may read, in one statement per table, view and partition.
    private func reads(by role: String, in database: TestDatabase) throws -> [String] {
        let columns = """
            SELECT format('SELECT %s FROM %I.%I', string_agg(quote_ident(column_name), ', '), table_schema, table_name)
            FROM information_schema.columns
            WHERE table_schema = '{schema}' AND has_column_privilege(
                '\(role)', format('%I.%I', table_schema, table_name), column_name, 'SELECT')
            GROUP BY table_schema, table_name
            """
        return try database.psql(columns).output.split(separator: "\n").map(String.init)
    }

    @Test("Viewers read deliveries, attempts and origins, and neither URL, secret, header field nor body")
    func canary() async throws {
        let canary = "canary-4711"
        let database = try await TestDatabase()
        var registration = TestDatabase.registration
        registration.url = "https://yourapp.com/\(canary)?token=\(canary)"
        registration.secret = .given(try WebhookSecret("a secret with \(canary) in it"))
        registration.headers = try CustomHeaders(["Authorization": "Bearer \(canary)"])
        try await database.service.register(registration, account: "acc_123")
        let event = #"{"type":"a","data":{"token":"\#(canary)"},"metadata":{"account_id":"acc_123"}}"#
        try database.psql("SELECT {schema}.publish('\(event)'::jsonb)")
        let claimed = try #require(try await database.claim().first)
        // What is kept of an exchange holds the URL, header fields and a body.
        let exchange = Attempt.Exchange(
            url: registration.url, address: nil, requestHeaders: ["X": canary], requestLength: 1,
            response: Attempt.Exchange.Response(
                headers: ["Server": canary], body: Array(canary.utf8), isBodyComplete: true))
        let attempt = Attempt(
            number: 1, startedAt: SystemClock().now, duration: .zero, statusCode: 500, errorType: "500",
            exchange: exchange)
        let report = Settlement(
            lease: claimed.lease, attempt: attempt, outcome: .serverError, decision: .retry(after: .seconds(5)))
        _ = try await database.store.settle([report], rules: DeliveryRules())
        #expect(try database.makeRoles() == "")

        let hex = PostgresOutboxTests.hex(Array(canary.utf8))
        func shows(_ role: String) throws -> [String] {
            try reads(by: role, in: database).filter { sql in
                let (output, error) = try database.psql(sql, role: role)
                #expect(error == "", "\(sql)")
                return output.contains(canary) || output.contains(hex)
            }
        }
        #expect(try shows("taskflow_viewer").isEmpty)
        #expect(try !shows("taskflow_worker").isEmpty, "the canary is in the tables")
        let seen = try reads(by: "taskflow_viewer", in: database).joined()
        for name in [
            "webhook_endpoints", "webhook_progress", "queue", "deliveries", "attempts", "replays", "events",
        ] {
            #expect(seen.contains(".\(name)"))
        }
        for column in [
            "webhooks.url", "webhooks.secrets", "webhooks.headers", "events.body", "events.receipt",
            "attempts.exchange", "response_bodies.body",
        ] {
            let parts = column.split(separator: ".")
            let sql = "SELECT \(parts[1]) FROM {schema}.\(parts[0])"
            #expect(try database.psql(sql, role: "taskflow_viewer").error.contains("permission denied"), "\(column)")
        }
    }

    @Test("Running the script again revokes access to URLs from viewers that had it")
    func earlierGrants() async throws {
        let database = try await TestDatabase()
        #expect(try database.makeRoles() == "")
        try database.psql("GRANT SELECT (account, id, url, events) ON {schema}.webhooks TO taskflow_viewer")
        #expect(try database.psql("SELECT url FROM {schema}.webhooks", role: "taskflow_viewer").error == "")
        #expect(try database.makeRoles() == "")
        let refused = try database.psql("SELECT url FROM {schema}.webhooks", role: "taskflow_viewer").error
        #expect(refused.contains("permission denied"))
    }

    @Test(
        "The origin is scheme, host and port, and NULL for a URL with anything else before its path",
        arguments: [
            ("https://yourapp.com/canary?token=canary", "https://yourapp.com"),
            ("HTTPS://YourApp.com:8443?token=canary", "HTTPS://YourApp.com:8443"),
            ("https://[2001:db8::1]:8443/canary", "https://[2001:db8::1]:8443"),
            ("http://192.0.2.1/canary", "http://192.0.2.1"), ("https://yourapp.com", "https://yourapp.com"),
            ("https://canary:canary@yourapp.com/", ""), ("https://canary@yourapp.com/", ""),
            ("https://canary:canary/@yourapp.com/", ""), ("https://yourapp.com#canary", ""),
            ("https://yourapp.com\\canary/", ""), ("ftp://yourapp.com/canary", ""), ("canary", ""),
        ])
    func origin(url: String, origin: String) async throws {
        let database = try await TestDatabase()
        try await database.service.register(TestDatabase.registration, account: "acc_123")
        #expect(try database.makeRoles() == "")
        try database.psql("UPDATE {schema}.webhooks SET url = '\(url)'")
        let sql = "SELECT origin FROM {schema}.webhook_endpoints"
        #expect(try database.psql(sql, role: "taskflow_viewer").output == origin)
    }
}
#endif
