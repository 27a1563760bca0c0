internal import Synchronization
internal import WebhookDelivery

/// The shards that are down, so that calls to the other shards need not wait for them.
///
/// A shard is skipped only while a dispatcher, concurrently with its other calls, checks whether it is available again.
final class ShardHealth: Sendable {
    private struct State {
        var down: Set<Int> = []
        /// The shards that rejected reports; only a successful write shows that they accept reports again.
        var unwritable: Set<Int> = []
        var asked: Set<Int> = []
        var lastAsked = -1
        /// The earliest time of the next check, by the clock of the dispatcher that makes it.
        var asksAgainAt = Duration.zero
        var dispatchers = 0
    }

    private let count: Int
    private let state = Mutex(State())

    /// Creates the state in which all shards are available.
    ///
    /// - Parameter count: The number of shards.
    init(count: Int) { self.count = count }

    /// Records that a shard did not respond.
    func add(_ shard: Int) { state.withLock { _ = $0.down.insert(shard) } }

    /// Records that a shard did not accept reports.
    func add(unwritable shard: Int) {
        state.withLock { state in
            state.down.insert(shard)
            state.unwritable.insert(shard)
        }
    }

    /// Records that a shard responded.
    ///
    /// - Parameters:
    ///   - shard: The shard.
    ///   - hasWritten: Whether the call wrote something.
    func remove(_ shard: Int, hasWritten: Bool) {
        state.withLock { state in
            state.down.remove(shard)
            if hasWritten { state.unwritable.remove(shard) }
        }
    }

    /// Whether all shards are down.
    var containsAll: Bool { state.withLock { $0.down.count == count } }

    /// Returns whether to skip a shard; if all are down, none is skipped, because there is nothing else to call.
    func skips(_ shard: Int) -> Bool {
        state.withLock { $0.dispatchers > 0 && $0.down.contains(shard) && $0.down.count < count }
    }

    /// Returns whether to withhold reports from a shard, so that they are retried separately.
    func skipsReports(to shard: Int) -> Bool {
        state.withLock { state in
            state.dispatchers > 0 && state.unwritable.union(state.down).contains(shard) && state.down.count < count
        }
    }

    /// Records that a dispatcher started to check shards.
    func dispatcherBegins() { state.withLock { $0.dispatchers += 1 } }

    /// Records that a dispatcher no longer checks shards.
    func dispatcherEnds() {
        state.withLock { state in
            state.dispatchers -= 1
            state.asked = []
            state.asksAgainAt = .zero
        }
    }

    /// Returns the shard to check now; limits how often shards are checked.
    func next(at uptime: Duration, rest: Duration) -> Int? {
        state.withLock { state in
            let waiting = state.down.subtracting(state.asked)
            // Shards take turns: one that fails immediately must not be checked every time.
            let next = waiting.filter { $0 > state.lastAsked }.min() ?? waiting.min()
            guard let shard = next, uptime >= state.asksAgainAt else { return nil }
            state.asked.insert(shard)
            state.lastAsked = shard
            state.asksAgainAt = uptime + rest
            return shard
        }
    }

    /// Records the result of a check.
    func answered(_ shard: Int, isWell: Bool) {
        state.withLock { state in
            state.asked.remove(shard)
            if isWell { state.down.remove(shard) }
        }
    }
}
