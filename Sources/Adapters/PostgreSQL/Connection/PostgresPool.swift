#if PostgreSQL
internal import Dispatch
internal import Synchronization
internal import WebhookEvents

/// A pool of a few connections, each with its own thread while it works; further calls wait in line.
///
/// The calls of one account share the connections with workers and calls of other accounts: see ``PostgresSlots``.
final class PostgresPool: Sendable {
    /// The maximum number of runs of a transaction that loses conflicts.
    static let tries = 8
    /// How long a server may take to roll back before its connection is abandoned.
    private static let rollbackTimeout = Duration.milliseconds(500)
    /// How long the pool backs off from a server that refuses connections, at first and at most.
    private static let (shortestBackOff, longestBackOff) = (Duration.milliseconds(50), Duration.seconds(2))
    /// How long a call of one account waits for other transactions before it yields its connection to other calls.
    private static let (minimumLockTimeout, maximumLockTimeout) = (Duration.milliseconds(50), Duration.seconds(1))

    private let configuration: PostgresConfiguration
    /// The tables that must exist; `nil` during a migration.
    private let schema: PostgresSchema?
    private let isChecked = Mutex(false)
    private let stopped: StoppedSessions?
    private let places: PostgresSlots

    init(_ configuration: PostgresConfiguration, _ schema: PostgresSchema? = nil) {
        self.configuration = configuration
        self.schema = schema
        self.stopped = schema.map { StoppedSessions($0, configuration) }
        self.places = PostgresSlots(configuration)
    }

    /// Runs a call of one account, such as one that changes a webhook.
    ///
    /// While another transaction holds the account, the call yields its connection from time to time: however many
    /// calls wait for one account, those of other accounts find a connection.
    ///
    /// - Parameters:
    ///   - account: The account.
    ///   - isLong: Whether `longCallTimeout` applies.
    ///   - isScan: Whether it reads a whole history: such calls together have at most half of the connections.
    ///   - isRepeatable: Whether it may be repeated even if its commit may have happened.
    ///   - body: The call.
    /// - Returns: The result of `body`.
    /// - Throws: ``PostgresError``, and what `body` throws.
    func run<Value: Sendable>(
        for account: AccountID, isLong: Bool = false, isScan: Bool = false, isRepeatable: Bool = true,
        _ body: @escaping @Sendable (PostgresSession) throws -> Value
    ) async throws -> Value {
        let limits = Limits(isLong: isLong, isRepeatable: isRepeatable, tries: Self.tries)
        let deadline = ContinuousClock.now + timeout(isLong: isLong)
        var caller = isScan ? PostgresSlots.Caller.held(account) : .account(account)
        var lockTimeout = Self.minimumLockTimeout
        while true {
            do {
                return try await run(for: caller, until: deadline, limits.with(lockTimeout), body)
            } catch let error as PostgresError where error.isLockTimeout && ContinuousClock.now < deadline {
                // Longer each time, so that later calls cannot overtake it for ever.
                (caller, lockTimeout) = (.held(account), min(lockTimeout * 2, Self.maximumLockTimeout))
            }
        }
    }

    /// Runs a call on a connection, on that connection's thread, to its end even when its task is cancelled.
    ///
    /// The call is repeated when it lost a conflict, or when the connection turns out to be dead; so it must be safe to
    /// repeat, as nearly every call of a store is.
    ///
    /// - Parameters:
    ///   - isLong: Whether `longCallTimeout` applies.
    ///   - tries: The maximum number of runs when it loses conflicts.
    ///   - lockTimeout: How long its statements wait for other transactions; `nil` for as long as the call may take.
    ///   - body: The call.
    /// - Returns: The result of `body`.
    /// - Throws: ``PostgresError``, and what `body` throws.
    func run<Value: Sendable>(
        isLong: Bool = false, tries: Int = PostgresPool.tries, lockTimeout: Duration? = nil,
        _ body: @escaping @Sendable (PostgresSession) throws -> Value
    ) async throws -> Value {
        let limits = Limits(isLong: isLong, isRepeatable: true, tries: tries, lockTimeout: lockTimeout)
        return try await run(for: .worker, until: .now + timeout(isLong: isLong), limits, body)
    }

    /// The limits of a call.
    private struct Limits {
        let isLong: Bool
        let isRepeatable: Bool
        let tries: Int
        var lockTimeout: Duration?

        func with(_ lockTimeout: Duration) -> Limits {
            var limits = self
            limits.lockTimeout = lockTimeout
            return limits
        }
    }

    private func timeout(isLong: Bool) -> Duration {
        isLong ? configuration.longCallTimeout : configuration.callTimeout
    }

    private func run<Value: Sendable>(
        for caller: PostgresSlots.Caller, until deadline: ContinuousClock.Instant, _ limits: Limits,
        _ body: @escaping @Sendable (PostgresSession) throws -> Value
    ) async throws -> Value {
        let place = try await places.take(for: caller)
        return try await withCheckedThrowingContinuation { continuation in
            place.queue.async { [self] in
                let result = Result { try attempt(body, on: place, until: deadline, limits) }
                places.giveBack(place, of: caller)
                continuation.resume(with: result)
            }
        }
    }

    private func attempt<Value>(
        _ body: (PostgresSession) throws -> Value, on place: PostgresSlot, until deadline: ContinuousClock.Instant,
        _ limits: Limits
    ) throws -> Value {
        // Set for each transaction where it cannot be set once per connection.
        let isSetOnce = !limits.isLong && limits.lockTimeout == nil && !configuration.usesTransactionPooler
        let preamble =
            isSetOnce ? nil : timeouts(isLong: limits.isLong, lockTimeout: limits.lockTimeout, isLocal: true)
        var reconnected = false
        for round in 1... {
            let wasOpen = place.connection != nil
            let connection = try connect(place, until: deadline)
            connection.isCommitting = false
            stopped?.end(on: connection)
            do {
                return try body(PostgresSession(connection: connection, preamble: preamble))
            } catch let error as PostgresError {
                if connection.isBroken || error.endsConnection {
                    place.connection = nil
                    // An idle connection may have died long ago, for example when its server restarted. A call that has
                    // already taken too long is not prolonged.
                    guard error.endsConnection, wasOpen, !reconnected, ContinuousClock.now < deadline,
                        limits.isRepeatable || !connection.isCommitting
                    else { throw error }
                    reconnected = true
                } else {
                    rollBack(place)
                    guard error.isConflict, !(error.isLockTimeout && limits.lockTimeout != nil), round < limits.tries
                    else { throw error }
                }
            } catch {
                rollBack(place)
                throw error
            }
        }
        throw CancellationError()
    }

    private func rollBack(_ place: PostgresSlot) {
        // Even after the call's deadline, because a rollback saves the connection.
        place.connection?.deadline = ContinuousClock.now + Self.rollbackTimeout
        do { _ = try place.connection?.run(PostgresStatement("ROLLBACK")) } catch { place.connection = nil }
    }

    private func connect(
        _ place: PostgresSlot, until deadline: ContinuousClock.Instant
    ) throws(PostgresError) -> PostgresConnection {
        if let connection = place.connection {
            connection.deadline = deadline
            return connection
        }
        guard ContinuousClock.now >= place.triesAgainAt else {
            throw PostgresError(
                .unavailable, "The server refused the last connection; the pool is backing off",
                hint: "Check that the server is running; the call can be repeated.")
        }
        do {
            let connection = try PostgresConnection(configuration)
            // An unresponsive host may have used all of the call's time; the next call then gets the connection.
            connection.deadline = max(deadline, ContinuousClock.now + configuration.connectTimeout)
            if !configuration.usesTransactionPooler {
                _ = try connection.run([
                    timeouts(isLong: false, lockTimeout: nil, isLocal: false), Self.planning,
                ])
            }
            // Once per process: the tables of a running store do not disappear.
            if let schema, !isChecked.withLock({ $0 }) {
                try schema.check(PostgresSession(connection: connection, preamble: nil))
                isChecked.withLock { $0 = true }
            }
            (place.connection, place.failures) = (connection, 0)
            connection.deadline = deadline
            return connection
        } catch {
            // A timeout of the call says nothing about the server.
            if ContinuousClock.now >= deadline { throw error }
            let backOff = min(Self.shortestBackOff * (1 << min(place.failures, 10)), Self.longestBackOff)
            place.failures += 1
            place.triesAgainAt = ContinuousClock.now + backOff
            throw error
        }
    }

    /// The server-side timeouts, for the case that this client is no longer there to cancel the call.
    private func timeouts(isLong: Bool, lockTimeout: Duration?, isLocal: Bool) -> PostgresStatement {
        let timeout = timeout(isLong: isLong)
        let mark =
            isLong
            ? ", pg_advisory_xact_lock_shared(hashtextextended('\(StoppedSessions.mark(configuration))', 0))" : ""
        return PostgresStatement(
            """
            SELECT set_config('statement_timeout', $1, $3), set_config('lock_timeout', $2, $3),
                set_config('idle_in_transaction_session_timeout', $1, $3)\(mark)
            """, .text(String(timeout.milliseconds)), .text(String(max(1, (lockTimeout ?? timeout).milliseconds))),
            .bool(isLocal))
    }

    /// Plans are made once per connection.
    ///
    /// They use indexes even while tables are small, because they are not made again when tables grow; compiling them
    /// costs more than running them.
    private static let planning = PostgresStatement(
        """
        SELECT set_config('plan_cache_mode', 'force_generic_plan', false), set_config('enable_seqscan', 'off', false),
            set_config('jit', 'off', false)
        """)
}
#endif
