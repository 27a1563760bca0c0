internal import Synchronization
public import WebhookEvents

/// A deduplication store in memory, for a single process that may forget handled events when it ends.
///
/// Memory is bounded. Beyond the capacity, the oldest handled events are forgotten, and a replay of one would be
/// handled again; ``EarlyEviction`` reports this. Claims are never forgotten before their leases end. When the number of
/// claims reaches the capacity, new events are rejected.
public final class InMemoryDeduplication: DeduplicationStore {
    /// An error thrown if there is no room for another claim.
    public struct Full: Error, Sendable, CustomStringConvertible {
        /// What is wrong and what to do about it.
        public var description: String {
            "The deduplication store is full of events in progress. Use faster handlers, or increase the capacity."
        }
    }

    /// A report that an event was forgotten early because the capacity was reached.
    ///
    /// Until ``keepUntil``, a replay or a redelivery of the event would be handled again.
    public struct EarlyEviction: Sendable, Hashable, CustomStringConvertible {
        /// The event.
        public let key: DeduplicationKey
        /// The time until which the event should have been remembered.
        public let keepUntil: Timestamp
        /// The number of events that the store has forgotten early so far, including this one.
        public let count: Int

        /// What is wrong and what to do about it.
        public var description: String {
            """
            Event \(key.eventID) was forgotten before \(keepUntil) (\(count) so far): a replay would be handled again. \
            Increase the capacity, or use a DeduplicationStore that keeps events on disk.
            """
        }
    }

    private enum Entry {
        case claimed(token: Int64, until: Timestamp)
        case handled(until: Timestamp, serial: Int64)
    }

    private struct State {
        var entries: [DeduplicationKey: Entry] = [:]
        var claims = 0
        var lastToken: Int64 = 0
        /// Handled events in the order of their commits.
        var order: [(key: DeduplicationKey, serial: Int64)] = []
        /// The number of elements at the start of `order` that are already forgotten.
        var forgotten = 0
        /// The latest time that a caller has passed; commits do not pass one.
        var latest: Timestamp?
        var earlyEvictions = 0
    }

    private let capacity: Int
    private let onEarlyEviction: (@Sendable (EarlyEviction) -> Void)?
    private let state = Mutex(State())

    /// Creates an empty store.
    ///
    /// By default, a receiver remembers events for 7 days, so the default capacity is enough for 14 000 events per day.
    ///
    /// - Parameters:
    ///   - capacity: The maximum number of remembered events, and of concurrent claims.
    ///   - onEarlyEviction: Receives each event that is forgotten early. Log or count it, and return immediately.
    public init(capacity: Int = 100_000, onEarlyEviction: (@Sendable (EarlyEviction) -> Void)? = nil) {
        self.capacity = max(1, capacity)
        self.onEarlyEviction = onEarlyEviction
    }

    /// The number of events that were forgotten early because the capacity was reached.
    public var earlyEvictions: Int { state.withLock { $0.earlyEvictions } }

    /// Claims an event for handling.
    ///
    /// - Throws: ``Full`` if there is no room for another claim.
    public func claim(
        _ key: DeduplicationKey, now: Timestamp, until leaseEnd: Timestamp
    ) async throws -> DeduplicationResult {
        try state.withLock { state in
            state.latest = max(now, state.latest ?? now)
            switch state.entries[key] {
            case .claimed(_, let until) where until > now: return .inProgress
            case .handled(let until, _) where until > now: return .duplicate
            case .claimed: break
            case .handled, nil:
                if state.claims >= capacity { dropDeadClaims(&state, now) }
                guard state.claims < capacity else { throw Full() }
                state.claims += 1
            }
            state.lastToken += 1
            state.entries[key] = .claimed(token: state.lastToken, until: leaseEnd)
            return .claimed(DeduplicationClaim(key: key, token: state.lastToken))
        }
    }

    /// Marks an event as handled.
    public func commit(_ claim: DeduplicationClaim, keepUntil expiry: Timestamp) async throws {
        let early: [EarlyEviction] = state.withLock { state in
            switch state.entries[claim.key] {
            case .handled:
                return []
            case .claimed: state.claims -= 1
            case nil: break
            }
            state.lastToken += 1
            state.entries[claim.key] = .handled(until: expiry, serial: state.lastToken)
            state.order.append((claim.key, state.lastToken))
            return forget(&state)
        }
        // Outside the lock, because the host's callback may call this store.
        if let onEarlyEviction { early.forEach(onEarlyEviction) }
    }

    /// Releases a claim.
    public func release(_ claim: DeduplicationClaim) async throws {
        state.withLock { state in
            guard case .claimed(claim.token, _) = state.entries[claim.key] else { return }
            state.entries[claim.key] = nil
            state.claims -= 1
        }
    }

    private func dropDeadClaims(_ state: inout State, _ now: Timestamp) {
        state.entries = state.entries.filter { entry in
            if case .claimed(_, let until) = entry.value { until > now } else { true }
        }
        state.claims = state.entries.values.reduce(0) { if case .claimed = $1 { $0 + 1 } else { $0 } }
    }

    /// Forgets events beyond the capacity, oldest first, and returns those that were forgotten early.
    private func forget(_ state: inout State) -> [EarlyEviction] {
        var early: [EarlyEviction] = []
        while state.order.count - state.forgotten > capacity {
            let (key, serial) = state.order[state.forgotten]
            // An event that was handled again after it expired appears again later in `order`.
            if case .handled(let until, serial) = state.entries[key] {
                state.entries[key] = nil
                if let latest = state.latest, until > latest {
                    state.earlyEvictions += 1
                    early.append(EarlyEviction(key: key, keepUntil: until, count: state.earlyEvictions))
                }
            }
            state.forgotten += 1
        }
        if state.forgotten > 1024, state.forgotten > state.order.count / 2 {
            state.order.removeFirst(state.forgotten)
            state.forgotten = 0
        }
        return early
    }
}
