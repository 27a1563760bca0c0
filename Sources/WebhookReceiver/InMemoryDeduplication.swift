internal import Synchronization
public import WebhookEvents

/// Remembers handled events in this process: enough for one process that may forget them when it ends.
///
/// Memory is bounded: beyond the capacity the oldest events are forgotten first, handled ones before those in progress.
public final class InMemoryDeduplication: DeduplicationStore {
    private struct Entry {
        var isCommitted: Bool
        var expiresAt: Timestamp
    }

    private struct State {
        var entries: [DeduplicationKey: Entry] = [:]
        /// Committed keys in the order of their commits, which is the order in which they expire.
        var order: [DeduplicationKey] = []
        var head = 0
    }

    private let capacity: Int
    private let lifetime: Duration
    private let lease: Duration
    private let state = Mutex(State())

    /// Creates an empty store.
    ///
    /// - Parameters:
    ///   - capacity: The most handled events to remember.
    ///   - lifetime: How long a handled event is remembered. The last documented retry comes 7 h 06 min after the first
    ///     attempt; 24 h leaves room for redeliveries by hand.
    ///   - lease: How long a claim holds without a commit: longer than any handler takes.
    public init(
        capacity: Int = 100_000, lifetime: Duration = .seconds(86_400), lease: Duration = .seconds(300)
    ) {
        self.capacity = max(1, capacity)
        self.lifetime = lifetime
        self.lease = lease
    }

    /// Claims an event for handling.
    public func claim(_ event: DeduplicationKey, now: Timestamp) async throws -> DeduplicationClaim {
        state.withLock { state in
            if let entry = state.entries[event], entry.expiresAt > now {
                return entry.isCommitted ? .duplicate : .inProgress
            }
            // Claims whose handlers vanished are dropped before they outnumber what is remembered.
            if state.entries.count > 2 * capacity {
                state.entries = state.entries.filter { $0.value.isCommitted || $0.value.expiresAt > now }
            }
            state.entries[event] = Entry(isCommitted: false, expiresAt: now + lease)
            return .claimed
        }
    }

    /// Marks a claimed event as handled.
    public func commit(_ event: DeduplicationKey, now: Timestamp) async throws {
        state.withLock { state in
            state.entries[event] = Entry(isCommitted: true, expiresAt: now + lifetime)
            state.order.append(event)
            forget(&state, now)
        }
    }

    /// Gives up a claim.
    public func release(_ event: DeduplicationKey) async throws {
        state.withLock { state in
            if state.entries[event]?.isCommitted == false { state.entries[event] = nil }
        }
    }

    private func forget(_ state: inout State, _ now: Timestamp) {
        while state.head < state.order.count {
            let oldest = state.order[state.head]
            let isExpired = state.entries[oldest].map { $0.expiresAt <= now } ?? true
            guard isExpired || state.order.count - state.head > capacity else { break }
            if state.entries[oldest]?.isCommitted == true { state.entries[oldest] = nil }
            state.head += 1
        }
        if state.head > 1024, state.head > state.order.count / 2 {
            state.order.removeFirst(state.head)
            state.head = 0
        }
    }
}
