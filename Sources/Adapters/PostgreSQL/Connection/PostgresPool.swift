#if PostgreSQL
internal import Dispatch
internal import Synchronization

/// A few connections, each with a thread of its own while it works; calls beyond them wait in line.
final class PostgresPool: Sendable {
    /// A place for one connection.
    ///
    /// Only the call that has it touches it.
    private final class Place: @unchecked Sendable {
        // Unchecked because a place is handed from one call to the next under the pool's lock.
        let queue: DispatchQueue
        var connection: PostgresConnection?
        var failures = 0
        var triesAgainAt = ContinuousClock.now

        init(_ number: Int) { queue = DispatchQueue(label: "taskflow.webhooks.postgres.\(number)") }
    }

    private struct Waiter {
        let number: Int
        let continuation: CheckedContinuation<Place, any Error>
    }

    private struct State {
        var free: [Place]
        var waiters: [Waiter] = []
        var lastNumber = 0
    }

    /// How often a transaction is tried that lost against another one.
    static let tries = 8
    /// How long a server may take to roll back before its connection is given up.
    private static let timeToRollBack = Duration.milliseconds(500)
    /// How long a server that refuses connections is left alone, at first and at most.
    private static let (shortestBackOff, longestBackOff) = (Duration.milliseconds(50), Duration.seconds(2))

    private let configuration: PostgresConfiguration
    /// The tables that must be there; `nil` while they are being made.
    private let schema: PostgresSchema?
    private let isChecked = Mutex(false)
    private let stopped: StoppedSessions?
    private let timers = DispatchQueue(label: "taskflow.webhooks.postgres.timers")
    private let state: Mutex<State>

    init(_ configuration: PostgresConfiguration, _ schema: PostgresSchema? = nil) {
        self.configuration = configuration
        self.schema = schema
        self.stopped = schema.map { StoppedSessions($0, configuration) }
        self.state = Mutex(State(free: (0..<configuration.connections).map { Place($0) }))
    }

    /// Runs a call on a connection, on that connection's thread, to its end whatever becomes of its task.
    ///
    /// It is repeated when it lost against another transaction, and when the connection turns out to be dead; so it must be
    /// safe to repeat, as nearly every intention of a store is.
    ///
    /// - Parameters:
    ///   - isLong: Whether it may take as long as a long call.
    ///   - isRepeatable: Whether it may be repeated also when its commit may have happened.
    ///   - tries: How often it is tried when it loses against another transaction.
    ///   - body: The call.
    /// - Returns: What it returns.
    /// - Throws: ``PostgresError``, and what it throws.
    func run<Value: Sendable>(
        isLong: Bool = false, isRepeatable: Bool = true, tries: Int = PostgresPool.tries,
        _ body: @escaping @Sendable (PostgresSession) throws -> Value
    ) async throws -> Value {
        let timeout = isLong ? configuration.longCallTimeout : configuration.callTimeout
        let deadline = ContinuousClock.now + timeout
        let place = try await takePlace()
        return try await withCheckedThrowingContinuation { continuation in
            place.queue.async { [self] in
                let result = Result {
                    try attempt(
                        body, on: place, until: deadline, isLong: isLong, isRepeatable: isRepeatable,
                        tries: tries)
                }
                givePlace(place)
                continuation.resume(with: result)
            }
        }
    }

    private func attempt<Value>(
        _ body: (PostgresSession) throws -> Value, on place: Place, until deadline: ContinuousClock.Instant,
        isLong: Bool, isRepeatable: Bool, tries: Int
    ) throws -> Value {
        // Set for each transaction where it cannot be set once.
        let preamble = isLong || configuration.usesTransactionPooler ? limits(isLong: isLong, isLocal: true) : nil
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
                    // A connection that lay idle may have died long ago: its server was restarted. A call that took too
                    // long is not made longer.
                    guard error.endsConnection, wasOpen, !reconnected, ContinuousClock.now < deadline,
                        isRepeatable || !connection.isCommitting
                    else { throw error }
                    reconnected = true
                } else {
                    rollBack(place)
                    guard error.isConflict, round < tries else { throw error }
                }
            } catch {
                rollBack(place)
                throw error
            }
        }
        throw CancellationError()
    }

    private func rollBack(_ place: Place) {
        // Also when the call's time is over: a connection is worth more than a moment.
        place.connection?.deadline = ContinuousClock.now + Self.timeToRollBack
        do { _ = try place.connection?.run(PostgresStatement("ROLLBACK")) } catch { place.connection = nil }
    }

    private func connect(
        _ place: Place, until deadline: ContinuousClock.Instant
    ) throws(PostgresError) -> PostgresConnection {
        if let connection = place.connection {
            connection.deadline = deadline
            return connection
        }
        guard ContinuousClock.now >= place.triesAgainAt else {
            throw PostgresError(
                .unavailable, "The server refused the last connection, and is left alone for a moment",
                hint: "Check that it runs; the call can be repeated.")
        }
        do {
            let connection = try PostgresConnection(configuration)
            // A host that did not answer may have taken all of the call's time; then the next call has the connection.
            connection.deadline = max(deadline, ContinuousClock.now + configuration.connectTimeout)
            if !configuration.usesTransactionPooler {
                _ = try connection.run([limits(isLong: false, isLocal: false), Self.planning])
            }
            // Once a process: the tables of a running store are not taken away.
            if let schema, !isChecked.withLock({ $0 }) {
                try schema.check(PostgresSession(connection: connection, preamble: nil))
                isChecked.withLock { $0 = true }
            }
            (place.connection, place.failures) = (connection, 0)
            connection.deadline = deadline
            return connection
        } catch {
            // What ran out of time says nothing about the server.
            if ContinuousClock.now >= deadline { throw error }
            let backOff = min(Self.shortestBackOff * (1 << min(place.failures, 10)), Self.longestBackOff)
            place.failures += 1
            place.triesAgainAt = ContinuousClock.now + backOff
            throw error
        }
    }

    /// What the server itself is told to give up on, should this client no longer be there to do so.
    private func limits(isLong: Bool, isLocal: Bool) -> PostgresStatement {
        let timeout = isLong ? configuration.longCallTimeout : configuration.callTimeout
        return PostgresStatement(
            """
            SELECT set_config('statement_timeout', $1, $2), set_config('lock_timeout', $1, $2),
                set_config('idle_in_transaction_session_timeout', $1, $2)
            """, .text(String(timeout.milliseconds)), .bool(isLocal))
    }

    /// Plans are made once for a connection.
    ///
    /// They go by indexes also while tables are small, since nobody makes them anew
    /// when tables grow; compiling them costs more than running them.
    private static let planning = PostgresStatement(
        """
        SELECT set_config('plan_cache_mode', 'force_generic_plan', false), set_config('enable_seqscan', 'off', false),
            set_config('jit', 'off', false)
        """)

    // MARK: - Places

    private func takePlace() async throws -> Place {
        try await withCheckedThrowingContinuation { continuation in
            let (place, number) = state.withLock { state -> (Place?, Int) in
                if let place = Self.takeBest(of: &state.free) { return (place, 0) }
                state.lastNumber += 1
                state.waiters.append(Waiter(number: state.lastNumber, continuation: continuation))
                return (nil, state.lastNumber)
            }
            if let place { return continuation.resume(returning: place) }
            let wait = DispatchTimeInterval.milliseconds(Int(clamping: configuration.callTimeout.milliseconds))
            timers.asyncAfter(deadline: .now() + wait) { [self] in giveUp(number) }
        }
    }

    /// A place with a connection, or one that may try to make one, before those that wait after a failure.
    private static func takeBest(of free: inout [Place]) -> Place? {
        let now = ContinuousClock.now
        let best =
            free.lastIndex { $0.connection != nil } ?? free.lastIndex { $0.triesAgainAt <= now } ?? free.indices.last
        return best.map { free.remove(at: $0) }
    }

    private func giveUp(_ number: Int) {
        let waiter = state.withLock { state -> Waiter? in
            guard let place = state.waiters.firstIndex(where: { $0.number == number }) else { return nil }
            return state.waiters.remove(at: place)
        }
        waiter?.continuation.resume(
            throwing: PostgresError(
                .unavailable, "No connection became free in time",
                hint: "The server is slow or away, or `connections` is too low for so many calls."))
    }

    private func givePlace(_ place: Place) {
        let waiter = state.withLock { state -> Waiter? in
            if !state.waiters.isEmpty { return state.waiters.removeFirst() }
            state.free.append(place)
            return nil
        }
        waiter?.continuation.resume(returning: place)
    }
}
#endif
