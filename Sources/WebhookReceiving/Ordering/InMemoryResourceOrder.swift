internal import Synchronization
public import WebhookEvents

/// A resource order in memory, for a limited number of resources.
///
/// Beyond the capacity, the oldest resources are forgotten, together with their order.
public final class InMemoryResourceOrder: ResourceOrder {
    private struct Entry {
        var latest: ResourcePosition?
        var turn: (token: Int64, until: Timestamp)?
    }

    private struct State {
        var entries: [ResourcePosition.Resource: Entry] = [:]
        var order: [ResourcePosition.Resource] = []
        var forgotten = 0
        var lastToken: Int64 = 0
    }

    private let capacity: Int
    private let state = Mutex(State())

    /// Creates an empty resource order.
    ///
    /// - Parameter capacity: The maximum number of resources to remember.
    public init(capacity: Int = 100_000) {
        self.capacity = max(1, capacity)
    }

    /// Requests the turn to handle an event.
    public func begin(
        _ position: ResourcePosition, now: Timestamp, until leaseEnd: Timestamp
    ) async throws -> ResourceTurn {
        state.withLock { state in
            var entry = state.entries[position.resource] ?? add(position.resource, to: &state)
            if let latest = entry.latest, position.isBefore(latest) { return .outdated }
            if let turn = entry.turn, turn.until > now { return .busy }
            state.lastToken += 1
            entry.turn = (state.lastToken, leaseEnd)
            state.entries[position.resource] = entry
            return .granted(ResourceClaim(position: position, token: state.lastToken))
        }
    }

    /// Ends a turn.
    public func end(_ claim: ResourceClaim, isHandled: Bool) async throws {
        let position = claim.position
        state.withLock { state in
            guard var entry = state.entries[position.resource] else { return }
            if entry.turn?.token == claim.token { entry.turn = nil }
            if isHandled, !(entry.latest.map(position.isBefore) ?? false) { entry.latest = position }
            state.entries[position.resource] = entry
        }
    }

    private func add(_ resource: ResourcePosition.Resource, to state: inout State) -> Entry {
        state.order.append(resource)
        if state.order.count - state.forgotten > capacity {
            state.entries[state.order[state.forgotten]] = nil
            state.forgotten += 1
            if state.forgotten > 1024, state.forgotten > state.order.count / 2 {
                state.order.removeFirst(state.forgotten)
                state.forgotten = 0
            }
        }
        return Entry()
    }
}
