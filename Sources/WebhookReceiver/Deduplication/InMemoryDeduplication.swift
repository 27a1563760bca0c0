internal import Synchronization
public import WebhookEvents

/// Remembers handled events in this process: enough for one process that may forget them when it ends.
///
/// Memory is bounded. Beyond the capacity the events that were handled first are forgotten, and a replay of one would be handled
/// again: that is reported, see ``EarlyForget``. Claims are never forgotten before their leases end, so with as many claims as
/// the capacity allows new events are turned away.
public final class InMemoryDeduplication: DeduplicationStore {
    /// There is no room for another claim.
    public struct Full: Error, Sendable, CustomStringConvertible {
        /// What is wrong and what to do about it.
        public var description: String {
            "As many events are being handled as are remembered. Handle them faster, or raise the capacity."
        }
    }

    /// An event was forgotten before its time, because the capacity was reached.
    ///
    /// Until then a replay or a redelivery of the event is handled again.
    public struct EarlyForget: Sendable, Hashable, CustomStringConvertible {
        /// The event.
        public let key: DeduplicationKey
        /// Until when it was to be remembered.
        public let keepUntil: Timestamp
        /// How many events the store has forgotten early so far, with this one.
        public let count: Int

        /// What is wrong and what to do about it.
        public var description: String {
            """
            Event \(key.event) was to be remembered until \(keepUntil) and is forgotten, number \(count) so far: a replay would \
            be handled again. Raise the capacity, or use a DeduplicationStore that keeps events on disk.
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
        /// Handled events in the order of their commits, and how many of them are forgotten already.
        var order: [(key: DeduplicationKey, serial: Int64)] = []
        var forgotten = 0
        /// The latest moment that a call has named: commits name none.
        var latest: Timestamp?
        var earlyForgets = 0
    }

    private let capacity: Int
    private let onEarlyForget: (@Sendable (EarlyForget) -> Void)?
    private let state = Mutex(State())

    /// Creates an empty store.
    ///
    /// Events are remembered for 7 days unless the receiver says otherwise, so the standard capacity is enough for 14 000 events
    /// a day.
    ///
    /// - Parameters:
    ///   - capacity: The most handled events to remember, and the most that may be claimed at once.
    ///   - onEarlyForget: Is told of each event that is forgotten before its time: log it or count it, and return at once.
    public init(capacity: Int = 100_000, onEarlyForget: (@Sendable (EarlyForget) -> Void)? = nil) {
        self.capacity = max(1, capacity)
        self.onEarlyForget = onEarlyForget
    }

    /// How many events were forgotten before their time, because the capacity was reached.
    public var earlyForgets: Int { state.withLock { $0.earlyForgets } }

    /// Claims an event for handling.
    ///
    /// - Throws: ``Full`` when no other event can be claimed now.
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
        let early: [EarlyForget] = state.withLock { state in
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
        // Outside the lock: the host's code may call this store.
        if let onEarlyForget { early.forEach(onEarlyForget) }
    }

    /// Gives up a claim.
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

    /// Forgets what is beyond the capacity, oldest first, and returns what should have been remembered for longer.
    private func forget(_ state: inout State) -> [EarlyForget] {
        var early: [EarlyForget] = []
        while state.order.count - state.forgotten > capacity {
            let (key, serial) = state.order[state.forgotten]
            // An event that was handled again after it expired stands further behind as well.
            if case .handled(let until, serial) = state.entries[key] {
                state.entries[key] = nil
                if let latest = state.latest, until > latest {
                    state.earlyForgets += 1
                    early.append(EarlyForget(key: key, keepUntil: until, count: state.earlyForgets))
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
