#if PostgreSQL
internal import Dispatch
internal import Synchronization
internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookLimits
internal import WebhookStoreKit

/// A place for one connection.
///
/// Only the call that has it touches it.
final class PostgresPlace: @unchecked Sendable {
    // Unchecked because a place is handed from one call to the next under the lock of ``PostgresPlaces``.
    let queue: DispatchQueue
    var connection: PostgresConnection?
    var failures = 0
    var triesAgainAt = ContinuousClock.now

    init(_ number: Int) { queue = DispatchQueue(label: "taskflow.webhooks.postgres.\(number)") }
}

/// The places of a pool, and the calls that wait for one.
///
/// Workers go first, and one place is kept for them. An account's calls have at most half of what others leave, and accounts
/// take turns. Calls of accounts that other transactions hold, and those that read whole histories, have at most half of the
/// places, so that all others find one.
final class PostgresPlaces: Sendable {
    /// Who a place is for.
    enum Caller: Hashable {
        /// A worker, or publishers whose calls are gathered.
        case worker
        /// A call of an account.
        case account(AccountID)
        /// A call that has waited for its account once and found it held, or one that reads a whole history.
        case held(AccountID)

        var account: AccountID? {
            switch self {
            case .worker: nil
            case .account(let account), .held(let account): account
            }
        }
    }

    /// A call that waits; it is passed over once it has given up.
    private struct Waiter {
        let caller: Caller
        let continuation: CheckedContinuation<PostgresPlace, any Error>
    }

    /// What is free, and for whom.
    private struct Places {
        var free: [PostgresPlace]
        var share: FairShare<AccountID>
        /// How many calls of held accounts have.
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

    private let patience: DispatchTimeInterval
    /// The places that are kept for workers, and the most that calls of held accounts have.
    private let (reserve, heldLimit): (Int, Int)
    private let timers = DispatchQueue(label: "taskflow.webhooks.postgres.timers")
    private let state: Mutex<State>

    init(_ configuration: PostgresConfiguration) {
        patience = .milliseconds(Int(clamping: configuration.callTimeout.milliseconds))
        (reserve, heldLimit) = (configuration.connections > 1 ? 1 : 0, max(1, configuration.connections / 2))
        state = Mutex(
            State(
                places: Places(
                    free: (0..<configuration.connections).map { PostgresPlace($0) },
                    share: FairShare(capacity: configuration.connections))))
    }

    /// Takes a place for a call.
    ///
    /// - Parameter caller: Who it is for.
    /// - Returns: The place.
    /// - Throws: ``PostgresError`` when none becomes free within the time of a call.
    func take(for caller: Caller) async throws -> PostgresPlace {
        try await withCheckedThrowingContinuation { continuation in
            let (place, number) = state.withLock { state -> (PostgresPlace?, Int) in
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
            timers.asyncAfter(deadline: .now() + patience) { [self] in giveUp(number) }
        }
    }

    /// Gives a place back, and lets the next calls have what is free.
    func giveBack(_ place: PostgresPlace, of caller: Caller) {
        let next = state.withLock { state -> [(Waiter, PostgresPlace)] in
            if let account = caller.account { state.places.share.giveBack(for: account) }
            if case .held = caller { state.places.held -= 1 }
            state.places.free.append(place)
            var next: [(Waiter, PostgresPlace)] = []
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

    /// A place with a connection, or one that may try to make one, before those that wait after a failure.
    private func take(for caller: Caller, _ places: inout Places) -> PostgresPlace? {
        let now = ContinuousClock.now
        let best =
            places.free.lastIndex { $0.connection != nil } ?? places.free.lastIndex { $0.triesAgainAt <= now }
            ?? places.free.indices.last
        guard let best else { return nil }
        if let account = caller.account { places.share.occupy(for: account) }
        if case .held = caller { places.held += 1 }
        return places.free.remove(at: best)
    }

    /// Takes out the next call that may have a place now.
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
                hint: "The server is slow or away, or `connections` is too low for so many calls."))
    }
}
#endif
