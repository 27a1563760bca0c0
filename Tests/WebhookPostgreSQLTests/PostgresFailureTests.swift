#if PostgreSQL
import Dispatch
import TaskFlowWebhooks
import Testing
import WebhookPostgreSQL
import WebhookTesting

@Suite(
    "PostgresStore, server failures",
    .enabled(if: TestServer.isAvailable, "needs a server: bash Tests/run.sh starts one"))
struct PostgresFailureTests {
    /// Makes the server fail with a code at each row that is written, for a number of failures.
    private func fail(
        _ database: TestDatabase, on event: String, with sqlState: String, times: Int
    ) throws {
        let answer = try database.psql(
            """
            CREATE SEQUENCE {schema}.failures;
            CREATE FUNCTION {schema}.fail() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
            BEGIN
                -- A sequence is not rolled back with what has failed.
                IF nextval('{schema}.failures') <= \(times) THEN RAISE EXCEPTION USING ERRCODE = '\(sqlState)'; END IF;
                RETURN NULL;
            END $$;
            CREATE TRIGGER fail AFTER \(event) FOR EACH STATEMENT EXECUTE FUNCTION {schema}.fail()
            """)
        #expect(answer.error == "")
    }

    private func mend(_ database: TestDatabase) throws {
        let sql =
            "SET client_min_messages = warning; DROP FUNCTION {schema}.fail CASCADE; DROP SEQUENCE {schema}.failures"
        #expect(try database.psql(sql).error == "")
    }

    @Test(
        "A transaction that loses a conflict is repeated, and the caller gets no error",
        arguments: ["40001", "40P01", "55P03"])
    func conflicts(sqlState: String) async throws {
        let database = try await TestDatabase()
        try await database.service.register(TestDatabase.registration, account: "acc_123")
        var samples = SampleEvents(seed: 1)

        try fail(database, on: "INSERT ON {schema}.queue", with: sqlState, times: 3)
        #expect(try await database.service.publish(samples.next()).deliveryIDs.count == 1)
        try mend(database)
        try fail(database, on: "UPDATE ON {schema}.queue", with: sqlState, times: 3)
        let claimed = try await database.claim()
        #expect(claimed.count == 1)
        try mend(database)
        try fail(database, on: "INSERT ON {schema}.attempts", with: sqlState, times: 3)
        #expect(try await database.store.settle(report(claimed), rules: DeliveryRules()) == [.settled(nil)])
        #expect(try await database.store.deliveryCounts(of: nil).succeeded == 1)
    }

    @Test(
        "A full server returns errors with a hint and keeps its data; the same calls succeed once it has space",
        arguments: ["53100", "53200"])
    func full(sqlState: String) async throws {
        let database = try await TestDatabase()
        try await database.service.register(TestDatabase.registration, account: "acc_123")
        var samples = SampleEvents(seed: 1)
        let envelope = try samples.next()

        try fail(database, on: "INSERT ON {schema}.events", with: sqlState, times: .max)
        let error = await #expect(throws: PostgresError.self) { try await database.service.publish(envelope) }
        #expect(error?.sqlState == sqlState)
        #expect(error?.hint.contains("Nothing was lost") == true)
        try mend(database)
        #expect(try await !database.service.publish(envelope).isDuplicate)
        let claimed = try await database.claim()

        try fail(database, on: "INSERT ON {schema}.attempts", with: sqlState, times: .max)
        await #expect(throws: PostgresError.self) {
            try await database.store.settle(report(claimed), rules: DeliveryRules())
        }
        #expect(try await database.store.deliveryCounts(of: nil).open == 1)
        try mend(database)
        #expect(try await database.store.settle(report(claimed), rules: DeliveryRules()) == [.settled(nil)])
    }

    @Test("A default of serializable transactions causes no failure")
    func isolation() async throws {
        let database = try await TestDatabase()
        try await database.service.register(TestDatabase.registration, account: "acc_123")
        let serializable = try database.other(option: "default_transaction_isolation=serializable")
        let (store, service) = (serializable.store, serializable.service)
        var samples = SampleEvents(seed: 1)
        let envelopes = try samples.take(200)
        let settled = try await withThrowingTaskGroup(of: Int.self) { group in
            for part in 0..<8 {
                group.addTask {
                    for envelope in envelopes[(part * 25)..<(part * 25 + 25)] { try await service.publish(envelope) }
                    return 0
                }
            }
            for _ in 0..<2 {
                group.addTask {
                    var settled = 0
                    for _ in 0..<40 {
                        let claimed = try await store.claim(ClaimRequest(count: 8)).deliveries
                        settled += try await store.settle(report(claimed), rules: DeliveryRules()).count { $0 != .busy }
                    }
                    return settled
                }
            }
            return try await group.reduce(0, +)
        }
        let deliveryCounts = try await store.deliveryCounts(of: nil)
        #expect(deliveryCounts.accepted == 200)
        #expect(deliveryCounts.succeeded == settled)
    }

    @Test("A claim that waits for an account holds no other, so that it cannot deadlock")
    func waiting() async throws {
        let database = try await TestDatabase()
        for account: AccountID in ["acc_1", "acc_2"] {
            try await database.service.register(TestDatabase.registration, account: account)
        }
        try database.psql(
            "UPDATE {schema}.accounts SET due_at = now() - interval '1 minute' * (account = 'acc_1')::int")
        // The first account is held, and turns out not to be due; the second is held by a client that wants the first.
        let first = psql(
            """
            BEGIN;
            SELECT FROM {schema}.account_locks WHERE account = 'acc_1' FOR UPDATE;
            UPDATE {schema}.accounts SET due_at = NULL WHERE account = 'acc_1';
            \(poll("EXISTS (SELECT FROM pg_locks WHERE NOT granted AND transactionid = pg_current_xact_id()::xid)"))
            COMMIT
            """, database)
        let second = psql(
            """
            BEGIN;
            SELECT FROM {schema}.account_locks WHERE account = 'acc_2' FOR UPDATE;
            \(poll("(SELECT due_at IS NULL FROM {schema}.accounts WHERE account = 'acc_1')"))
            SELECT FROM {schema}.account_locks WHERE account = 'acc_1' FOR UPDATE;
            COMMIT
            """, database)
        let held = """
            SELECT count(*) FROM pg_locks
            WHERE relation = '{schema}.account_locks'::regclass AND mode = 'RowShareLock'
            """
        while try database.psql(held).output != "2" { await Task.yield() }
        #expect(try await database.claim().isEmpty)
        #expect(try await first.value == "")
        #expect(try await second.value == "", "a deadlock")
    }

    @Test("Lock rows are never updated, so that SKIP LOCKED never waits")
    func locks() async throws {
        let database = try await TestDatabase()
        try await database.service.register(TestDatabase.registration, account: "acc_123")
        func row() throws -> String { try database.psql("SELECT xmin, ctid FROM {schema}.account_locks").output }
        let before = try row()
        #expect(!before.isEmpty)
        var samples = SampleEvents(seed: 1)
        for envelope in try samples.take(20) { try await database.service.publish(envelope) }
        for _ in 0..<2 {
            let claimed = try await database.claim()
            _ = try await database.store.settle(report(claimed), rules: DeliveryRules())
        }
        try await database.service.register(TestDatabase.registration, account: "acc_123")
        #expect(try row() == before)
    }

    /// Runs a script in the background, on a separate thread; returns its errors.
    private func psql(_ sql: String, _ database: TestDatabase) -> Task<String, any Error> {
        Task {
            try await withCheckedThrowingContinuation { continuation in
                DispatchQueue.global().async {
                    continuation.resume(with: Result { try database.psql(sql).error })
                }
            }
        }
    }

    /// Returns a statement that waits until a condition is true.
    private func poll(_ condition: String) -> String {
        """
        DO $$ BEGIN
            FOR i IN 1..1000 LOOP
                EXIT WHEN \(condition);
                PERFORM pg_sleep(0.01);
            END LOOP;
        END $$;
        """
    }

    @Test(
        "The session of a stopped process is ended, unless it is in a long call or holds no account",
        .timeLimit(.minutes(1)))
    func stopped() async throws {
        var configuration = TestServer.configuration()
        (configuration.callTimeout, configuration.longCallTimeout) = (.seconds(1), .seconds(50))
        let database = try await TestDatabase(configuration)
        for account in ["acc_123", "acc_2"] {
            try await database.service.register(TestDatabase.registration, account: AccountID(unchecked: account))
        }
        var samples = SampleEvents(seed: 1)
        try await database.service.publish(samples.next())

        let schema = configuration.schema
        func lock(_ account: String) -> String {
            "SELECT FROM \(schema).account_locks WHERE account = '\(account)' FOR UPDATE"
        }
        let begin = ContinuousClock.now
        let other = try StoppedClient(
            ["BEGIN", "SELECT FROM \(schema).webhooks FOR KEY SHARE"], configuration: configuration)
        let long = try StoppedClient(
            ["BEGIN", "SELECT pg_advisory_xact_lock_shared(hashtextextended('\(schema).long', 0))", lock("acc_2")],
            configuration: configuration)
        let stopped = try StoppedClient(["BEGIN", lock("acc_123")], configuration: configuration)
        defer { _ = (other, long, stopped) }
        func held(_ table: String) throws -> String {
            try database.psql(
                """
                SELECT count(*) FROM pg_locks
                WHERE relation = '{schema}.\(table)'::regclass AND mode = 'RowShareLock'
                """
            ).output
        }
        while try held("account_locks") != "2" || held("webhooks") != "1" { try Task.checkCancellation() }
        // Until then, calls time out before they get the account.
        while await (try? database.claim())?.isEmpty != false { try Task.checkCancellation() }
        let duration = ContinuousClock.now - begin
        #expect(duration >= configuration.callTimeout * 2, "it might still have been alive")
        #expect(duration < configuration.longCallTimeout)
        #expect(try held("account_locks") == "1")
        #expect(try held("webhooks") == "1")
    }

    @Test(
        "A long call is marked while it runs, so that other workers do not end its session",
        .timeLimit(.minutes(1)))
    func longCall() async throws {
        let database = try await TestDatabase()
        let sql = """
            SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'
                AND classid::bigint << 32 | objid::bigint = hashtextextended('{schema}.long', 0)
            """
        // The call waits for a row that another session holds.
        let id = try await database.service.register(TestDatabase.registration, account: "acc_123").webhook.id
        let holder = try StoppedClient(
            ["BEGIN", "SELECT FROM \(database.configuration.schema).account_locks FOR UPDATE"],
            configuration: database.configuration)
        let locks =
            "SELECT count(*) FROM pg_locks WHERE relation = '{schema}.account_locks'::regclass AND mode = 'RowShareLock'"
        while try database.psql(locks).output == "0" { try Task.checkCancellation() }
        let deletion = Task { try await database.store.delete(id, account: "acc_123") }
        while try database.psql(sql).output == "0" { try Task.checkCancellation() }
        holder.close()
        #expect(try await deletion.value)
        #expect(try database.psql(sql).output == "0")
    }

    @Test("A change of secrets with an unknown outcome is not repeated automatically")
    func lostCommit() async throws {
        let database = try await TestDatabase()
        let id = try await database.service.register(TestDatabase.registration, account: "acc_123").webhook.id
        // The connection is cut during the commit, once.
        let sql = """
            CREATE SEQUENCE {schema}.commits;
            CREATE FUNCTION {schema}.cut() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF nextval('{schema}.commits') = 1 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
                RETURN NULL;
            END $$;
            CREATE CONSTRAINT TRIGGER cut AFTER UPDATE ON {schema}.webhooks
                DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION {schema}.cut()
            """
        #expect(try database.psql(sql).error == "")
        _ = try await database.store.webhooks(of: "acc_123")
        await #expect(throws: PostgresError.self) {
            try await database.service.rotateSecret(of: id, account: "acc_123")
        }
        #expect(try database.psql("SELECT last_value FROM {schema}.commits").output == "1")
    }

    @Test("The store leaves a read-only server; the hint names the option that finds the primary")
    func readOnly() async throws {
        let database = try await TestDatabase()
        try await database.service.register(TestDatabase.registration, account: "acc_123")
        let service = try database.other(option: "default_transaction_read_only=on").service
        var samples = SampleEvents(seed: 1)
        let envelope = try samples.next()
        let error = await #expect(throws: PostgresError.self) { try await service.publish(envelope) }
        #expect(error?.sqlState == "25006")
        #expect(error?.hint.contains("target_session_attrs=read-write") == true)
        #expect(try await service.webhooks(of: "acc_123").count == 1)
    }
}
#endif
