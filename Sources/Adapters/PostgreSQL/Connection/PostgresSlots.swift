#if PostgreSQL
internal import Dispatch
internal import Synchronization
internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookLimits
internal import WebhookStoreKit

/// A slot for one connection.
///
/// Only the call that owns it uses it.
final class PostgresSlot: @unchecked Sendable {
    // Unchecked because a slot passes from one call to the next under the lock of ``PostgresSlots``.
    let queue: DispatchQueue
    var connection: PostgresConnection?
    var failures = 0
    var triesAgainAt = ContinuousClock.now

    init(_ number: Int) { queue = DispatchQueue(label: "taskflow.webhooks.postgres.\(number)") }
}

/// The connection slots of a pool, and the calls that wait for one.
///
/// Workers go first, and one slot is reserved for them. An account's calls have at most half of what others leave, and
/// accounts take turns. Calls of accounts that other transactions hold, and calls that read whole histories, have at
/// most half of the slots, so that all other calls find one.
final class PostgresSlots: Sendable {
    /// The caller that a slot is for.
    enum Caller: Hashable {
        /// A worker, or a batch of publishes.
        case worker
        /// A call of an account.
        case account(AccountID)
        /// A call that has waited once for its account and found it held, or one that reads a whole history.
        case held(AccountID)

        var account: AccountID? {
            switch self {
            case .worker: nil
            case .account(let account), .held(let account): account
            }
        }
    }

    /// A waiting call; it is skipped once it has given up.
    private struct Waiter {
        let caller: Caller
        let continuation: CheckedContinuation<PostgresSlot, any Error>
    }

    /// The free slots, and the shares of the callers.
    private struct Places {
        var free: [PostgresSlot]
        var share: FairShare<AccountID>
        /// The number of slots that calls of held accounts use.
        var held = 0
    }

    private struct State {
        var places: Places
        var waiting: [Int: Waiter] = [:]
        var workers = TurnQueue<Int>()
        var calls = FairQueue<AccountID, Int>()
        var heldCalls = FairQueue<AccountID, Int>()
        var lastNumber = 0
    }

    private let lockTimeout: DispatchTimeInterval
    /// The number of slots reserved for workers, and the most that calls of held accounts may use.
    private let (reserve, heldLimit): (Int, Int)
    private let timers = DispatchQueue(label: "taskflow.webhooks.postgres.timers")
    private let state: Mutex<State>

    init(_ configuration: PostgresConfiguration) {
        lockTimeout = .milliseconds(Int(clamping: configuration.callTimeout.milliseconds))
        (reserve, heldLimit) = (configuration.connections > 1 ? 1 : 0, max(1, configuration.connections / 2))
        state = Mutex(
            State(
                places: Places(
                    free: (0..<configuration.connections).map { PostgresSlot($0) },
                    share: FairShare(capacity: configuration.connections))))
    }

    /// Acquires a slot for a call.
    ///
    /// - Parameter caller: The caller.
    /// - Returns: The slot.
    /// - Throws: ``PostgresError`` when none becomes free within `callTimeout`.
    func take(for caller: Caller) async throws -> PostgresSlot {
        try await withCheckedThrowingContinuation { continuation in
            let (place, number) = state.withLock { state -> (PostgresSlot?, Int) in
                if isAllowed(caller, state.places), let place = take(for: caller, &state.places) { return (place, 0) }
                state.lastNumber += 1
                let number = state.lastNumber
                state.waiting[number] = Waiter(caller: caller, continuation: continuation)
                switch caller {
                case .worker: state.workers.append(number)
                case .account(let account): state.calls.append(number, of: account)
                case .held(let account): state.heldCalls.append(number, of: account)
                }
                return (nil, number)
            }
            if let place { return continuation.resume(returning: place) }
            timers.asyncAfter(deadline: .now() + lockTimeout) { [self] in giveUp(number) }
        }
    }

    /// Returns a slot, and assigns free slots to the next calls.
    func giveBack(_ place: PostgresSlot, of caller: Caller) {
        let next = state.withLock { state -> [(Waiter, PostgresSlot)] in
            if let account = caller.account { state.places.share.giveBack(for: account) }
            if case .held = caller { state.places.held -= 1 }
            state.places.free.append(place)
            var next: [(Waiter, PostgresSlot)] = []
            while let waiter = popFirst(&state), let place = take(for: waiter.caller, &state.places) {
                next.append((waiter, place))
            }
            return next
        }
        for (waiter, place) in next { waiter.continuation.resume(returning: place) }
    }

    private func isAllowed(_ caller: Caller, _ places: Places) -> Bool {
        guard let account = caller.account else { return !places.free.isEmpty }
        if case .held = caller, places.held >= heldLimit { return false }
        return places.free.count > reserve && places.share.allows(for: account)
    }

    /// Takes a slot with a connection, or one that may open one, before slots that back off after a failure.
    private func take(for caller: Caller, _ places: inout Places) -> PostgresSlot? {
        let now = ContinuousClock.now
        let best =
            places.free.lastIndex { $0.connection != nil } ?? places.free.lastIndex { $0.triesAgainAt <= now }
            ?? places.free.indices.last
        guard let best else { return nil }
        if let account = caller.account { places.share.occupy(for: account) }
        if case .held = caller { places.held += 1 }
        return places.free.remove(at: best)
    }

    /// Removes and returns the next call that may have a slot now.
    private func popFirst(_ state: inout State) -> Waiter? {
        let places = state.places
        while !places.free.isEmpty, let number = state.workers.popFirst() {
            if let waiter = state.waiting.removeValue(forKey: number) { return waiter }
        }
        while let (_, number) = state.calls.popFirst(where: { isAllowed(.account($0), places) }) {
            if let waiter = state.waiting.removeValue(forKey: number) { return waiter }
        }
        while let (_, number) = state.heldCalls.popFirst(where: { isAllowed(.held($0), places) }) {
            if let waiter = state.waiting.removeValue(forKey: number) { return waiter }
        }
        return nil
    }

    private func giveUp(_ number: Int) {
        let waiter = state.withLock { $0.waiting.removeValue(forKey: number) }
        waiter?.continuation.resume(
            throwing: PostgresError(
                .unavailable, "No connection became free in time",
                hint: "The server is slow or down, or `connections` is too low for this number of calls."))
    }
}
#endif
