internal import Synchronization

/// Which of several stores did not answer, so that calls for the others need not wait for them.
///
/// A store that is down is asked again by a call beside the others, one at a time; what that says counts from then on.
final class ShardsDown: Sendable {
    private struct State {
        var down: Set<Int> = []
        var asked: Set<Int> = []
    }

    private let count: Int
    private let ask: @Sendable (Int) async throws -> Void
    private let state = Mutex(State())

    /// Starts with all of them well.
    ///
    /// - Parameters:
    ///   - count: How many stores there are.
    ///   - ask: A cheap call of one of them.
    init(count: Int, ask: @escaping @Sendable (Int) async throws -> Void) {
        self.count = count
        self.ask = ask
    }

    /// A store did not answer.
    func add(_ shard: Int) { state.withLock { _ = $0.down.insert(shard) } }

    /// A store has answered.
    func remove(_ shard: Int) { state.withLock { _ = $0.down.remove(shard) } }

    /// Whether none is left that answers.
    var containsAll: Bool { state.withLock { $0.down.count == count } }

    /// Whether to leave a store out; never when all are down, since then there is nothing else to ask.
    func skips(_ shard: Int) -> Bool {
        let (skips, asks) = state.withLock { state -> (Bool, Bool) in
            guard state.down.contains(shard), state.down.count < count else { return (false, false) }
            return (true, state.asked.insert(shard).inserted)
        }
        if asks { askBeside(shard) }
        return skips
    }

    private func askBeside(_ shard: Int) {
        Task {
            let isWell = (try? await ask(shard)) != nil
            state.withLock { state in
                state.asked.remove(shard)
                if isWell { state.down.remove(shard) }
            }
        }
    }
}
