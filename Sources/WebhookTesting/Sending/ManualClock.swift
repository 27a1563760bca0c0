internal import Synchronization
public import WebhookEvents

/// A clock that advances only when a test advances it.
///
/// To run a service in virtual time, use ``run(_:within:)``, ``run(_:for:)`` or ``run(_:until:within:)``. A loop that advances
/// the clock by what it sleeps is wrong: it overtakes attempts that are in flight, and their times are then wrong.
public final class ManualClock: WebhookClock {
    private struct Sleeper {
        let id: Int
        let wakesAt: Duration
        let continuation: CheckedContinuation<Bool, Never>
        /// Whether the task belongs to a service that runs in virtual time.
        let isOfService: Bool
    }

    private struct State {
        var now: Timestamp
        var uptime = Duration.zero
        var nextID = 0
        var sleepers: [Sleeper] = []
        var cancelled: Set<Int> = []
        var observers: [CheckedContinuation<Void, Never>] = []
    }

    private let state: Mutex<State>

    /// Creates a clock.
    ///
    /// - Parameter now: The initial time.
    public init(now: Timestamp = Timestamp(unixSeconds: 1_707_583_522)) {
        self.state = Mutex(State(now: now))
    }

    /// The current time.
    public var now: Timestamp { state.withLock { $0.now } }

    /// How far the clock was advanced since its creation.
    public var uptime: Duration { state.withLock { $0.uptime } }

    /// Advances the clock and wakes every sleeping task whose time has come.
    ///
    /// - Parameter duration: How far to advance.
    public func advance(by duration: Duration) {
        let woken = state.withLock { state in
            state.now = state.now + duration
            state.uptime += duration
            let due = state.sleepers.filter { $0.wakesAt <= state.uptime }
            state.sleepers.removeAll { $0.wakesAt <= state.uptime }
            return due
        }
        for sleeper in woken { sleeper.continuation.resume(returning: true) }
    }

    /// Sets the wall clock without changing the uptime, as an administrator or a time server does.
    ///
    /// - Parameter now: The new time.
    public func set(_ now: Timestamp) { state.withLock { $0.now = now } }

    /// Whether the current task belongs to a service that runs in virtual time.
    @TaskLocal static var isOfService = false

    /// How many tasks of services that run in virtual time sleep on this clock.
    var sleepersOfService: Int { state.withLock { state in state.sleepers.count { $0.isOfService } } }

    /// The duration until the first sleeping task wakes; `nil` if no task sleeps.
    var timeUntilNextWake: Duration? {
        state.withLock { state in state.sleepers.map { $0.wakesAt - state.uptime }.min() }
    }

    /// Waits until at least one task sleeps on this clock.
    ///
    /// The task may be one of several, and others may be working.
    ///
    /// - Returns: The duration until the first sleeping task wakes.
    public func waitForSleeper() async -> Duration {
        while true {
            await withCheckedContinuation { continuation in
                let isReady = state.withLock { state in
                    if state.sleepers.isEmpty { state.observers.append(continuation) }
                    return !state.sleepers.isEmpty
                }
                if isReady { continuation.resume() }
            }
            if let timeUntilNextWake { return timeUntilNextWake }
        }
    }

    /// Waits until the clock has been advanced by a duration.
    ///
    /// - Parameter duration: How long to sleep.
    /// - Throws: `CancellationError` when the task is cancelled.
    public func sleep(for duration: Duration) async throws {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        let isOver = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in begin(id, duration, continuation) }
        } onCancel: {
            cancel(id)
        }
        guard isOver else { throw CancellationError() }
    }

    private func begin(_ id: Int, _ duration: Duration, _ continuation: CheckedContinuation<Bool, Never>) {
        let isOfService = Self.isOfService
        let (result, observers): (Bool?, [CheckedContinuation<Void, Never>]) = state.withLock { state in
            if state.cancelled.remove(id) != nil { return (false, []) }
            if duration <= .zero { return (true, []) }
            state.sleepers.append(
                Sleeper(
                    id: id, wakesAt: state.uptime + duration, continuation: continuation, isOfService: isOfService))
            defer { state.observers = [] }
            return (nil, state.observers)
        }
        if let result { continuation.resume(returning: result) }
        for observer in observers { observer.resume() }
    }

    private func cancel(_ id: Int) {
        let sleeper = state.withLock { state -> Sleeper? in
            guard let index = state.sleepers.firstIndex(where: { $0.id == id }) else {
                state.cancelled.insert(id)
                return nil
            }
            return state.sleepers.remove(at: index)
        }
        sleeper?.continuation.resume(returning: false)
    }
}
