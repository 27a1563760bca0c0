internal import Synchronization
internal import WebhookDelivery

/// Which of several stores did not answer, so that calls for the others need not wait for them.
///
/// Stores are left out only while a dispatcher asks those that are down, beside its other calls, whether they are well again.
final class ShardsDown: Sendable {
    private struct State {
        var down: Set<Int> = []
        /// Those that did not take reports; whether they do now only a write can say.
        var unwritable: Set<Int> = []
        var asked: Set<Int> = []
        var lastAsked = -1
        /// Before then none is asked again, by the clock of the dispatcher that asks.
        var asksAgainAt = Duration.zero
        var dispatchers = 0
    }

    private let count: Int
    private let state = Mutex(State())

    /// Starts with all of them well.
    ///
    /// - Parameter count: How many stores there are.
    init(count: Int) { self.count = count }

    /// A store did not answer.
    func add(_ shard: Int) { state.withLock { _ = $0.down.insert(shard) } }

    /// A store did not take reports.
    func add(unwritable shard: Int) {
        state.withLock { state in
            state.down.insert(shard)
            state.unwritable.insert(shard)
        }
    }

    /// A store has answered.
    ///
    /// - Parameters:
    ///   - shard: Which one.
    ///   - hasWritten: Whether it has written something.
    func remove(_ shard: Int, hasWritten: Bool) {
        state.withLock { state in
            state.down.remove(shard)
            if hasWritten { state.unwritable.remove(shard) }
        }
    }

    /// Whether none is left that answers.
    var containsAll: Bool { state.withLock { $0.down.count == count } }

    /// Whether to leave a store out; never when all are down, since then there is nothing else to ask.
    func skips(_ shard: Int) -> Bool {
        state.withLock { $0.dispatchers > 0 && $0.down.contains(shard) && $0.down.count < count }
    }

    /// Whether to keep reports from a store, so that they are tried beside the others.
    func skipsReports(to shard: Int) -> Bool {
        state.withLock { state in
            state.dispatchers > 0 && state.unwritable.union(state.down).contains(shard) && state.down.count < count
        }
    }

    /// A dispatcher asks from now on.
    func dispatcherBegins() { state.withLock { $0.dispatchers += 1 } }

    /// A dispatcher asks no more.
    func dispatcherEnds() {
        state.withLock { state in
            state.dispatchers -= 1
            state.asked = []
            state.asksAgainAt = .zero
        }
    }

    /// The store to ask now, at most one in a while.
    func next(at uptime: Duration, rest: Duration) -> Int? {
        state.withLock { state in
            let waiting = state.down.subtracting(state.asked)
            // In turn: one that fails at once must not be asked every time.
            let next = waiting.filter { $0 > state.lastAsked }.min() ?? waiting.min()
            guard let shard = next, uptime >= state.asksAgainAt else { return nil }
            state.asked.insert(shard)
            state.lastAsked = shard
            state.asksAgainAt = uptime + rest
            return shard
        }
    }

    /// A store was asked.
    func answered(_ shard: Int, isWell: Bool) {
        state.withLock { state in
            state.asked.remove(shard)
            if isWell { state.down.remove(shard) }
        }
    }
}
