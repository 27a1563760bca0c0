internal import Synchronization
public import WebhookEvents

/// Remembers handled events in this process: enough for one process that may forget them when it ends.
///
/// Memory is bounded. Beyond the capacity the handled events that expire first are forgotten; claims are never forgotten
/// before their leases end, so with as many claims as the capacity allows new events are turned away.
public final class InMemoryDeduplication: DeduplicationStore {
    /// There is no room for another claim.
    public struct Full: Error, Sendable, CustomStringConvertible {
        /// What is wrong and what to do about it.
        public var description: String {
            "As many events are being handled as are remembered. Handle them faster, or raise the capacity."
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
    }

    private let capacity: Int
    private let state = Mutex(State())

    /// Creates an empty store.
    ///
    /// - Parameter capacity: The most handled events to remember, and the most that may be claimed at once.
    public init(capacity: Int = 100_000) {
        self.capacity = max(1, capacity)
    }

    /// Claims an event for handling.
    ///
    /// - Throws: ``Full`` when no other event can be claimed now.
    public func claim(
        _ key: DeduplicationKey, now: Timestamp, until leaseEnd: Timestamp
    ) async throws -> DeduplicationResult {
        try state.withLock { state in
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
        state.withLock { state in
            switch state.entries[claim.key] {
            case .handled:
                return
            case .claimed: state.claims -= 1
            case nil: break
            }
            state.lastToken += 1
            state.entries[claim.key] = .handled(until: expiry, serial: state.lastToken)
            state.order.append((claim.key, state.lastToken))
            forget(&state)
        }
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

    /// Forgets what is beyond the capacity, oldest first.
    private func forget(_ state: inout State) {
        while state.order.count - state.forgotten > capacity {
            let oldest = state.order[state.forgotten]
            // An event that was handled again after it expired stands further behind as well.
            if case .handled(_, oldest.serial) = state.entries[oldest.key] { state.entries[oldest.key] = nil }
            state.forgotten += 1
        }
        guard state.forgotten > 1024, state.forgotten > state.order.count / 2 else { return }
        state.order.removeFirst(state.forgotten)
        state.forgotten = 0
    }
}
