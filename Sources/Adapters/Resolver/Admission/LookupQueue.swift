#if HTTPTransport || AsyncHTTPClient
internal import WebhookEvents
internal import WebhookLimits

/// The queue of requests that wait for a slot, served round-robin by account, and within an account by parent domain.
struct LookupQueue: Sendable {
    typealias RequestID = LookupTable.RequestID

    /// A waiting request.
    struct Waiter: Sendable {
        let id: RequestID
        let name: String
        let domain: String
        let line: Line
    }

    /// The identity of an account's requests in one lane.
    struct Line: Hashable, Sendable {
        let account: AccountID?
        let isKnown: Bool
    }

    /// The requests of one line for one domain, oldest first.
    private struct Group {
        let domain: String
        var ids: [RequestID]
    }

    private var waiters: [RequestID: Waiter] = [:]
    private var names: [String: [RequestID]] = [:]
    private var groups: [Line: [Group]] = [:]
    /// The lines in the order of their turns.
    private var turns: [Line] = []
    private var room: FairShare<AccountID?>

    init(capacity: Int) { room = FairShare(capacity: capacity) }

    /// The number of waiting requests.
    var count: Int { waiters.count }

    /// Returns whether a request is waiting.
    func contains(_ id: RequestID) -> Bool { waiters[id] != nil }

    /// Adds a request, or returns `false` if its account has no room for another.
    mutating func append(_ waiter: Waiter) -> Bool {
        guard room.take(for: waiter.line.account) else { return false }
        waiters[waiter.id] = waiter
        names[waiter.name, default: []].append(waiter.id)
        if groups[waiter.line] == nil { turns.append(waiter.line) }
        var line = groups[waiter.line] ?? []
        if let index = line.firstIndex(where: { $0.domain == waiter.domain }) {
            line[index].ids.append(waiter.id)
        } else {
            line.append(Group(domain: waiter.domain, ids: [waiter.id]))
        }
        groups[waiter.line] = line
        return true
    }

    /// Removes a request, and returns whether it was waiting.
    mutating func remove(_ id: RequestID) -> Bool {
        guard let waiter = waiters.removeValue(forKey: id) else { return false }
        room.giveBack(for: waiter.line.account)
        names[waiter.name]?.removeAll { $0 == id }
        if names[waiter.name]?.isEmpty == true { names[waiter.name] = nil }
        guard let line = groups[waiter.line], let index = line.firstIndex(where: { $0.domain == waiter.domain }) else {
            return true
        }
        groups[waiter.line]?[index].ids.removeAll { $0 == id }
        if groups[waiter.line]?[index].ids.isEmpty == true { groups[waiter.line]?.remove(at: index) }
        if groups[waiter.line]?.isEmpty == true {
            groups[waiter.line] = nil
            turns.removeAll { $0 == waiter.line }
        }
        return true
    }

    /// Removes all requests for a name, because one look-up serves them all.
    mutating func removeAll(for name: String) -> [RequestID] {
        let ids = names[name] ?? []
        for id in ids { _ = remove(id) }
        return ids
    }

    /// Removes and returns the next request that may have a slot.
    ///
    /// - Parameter lanes: The lanes in which the slot is taken.
    /// - Returns: The request. Its account and domain move to the end of the order.
    mutating func next(_ lanes: inout LookupLanes) -> Waiter? {
        for (turn, line) in turns.enumerated() where lanes.allows(line) {
            for (index, group) in (groups[line] ?? []).enumerated() {
                guard let id = group.ids.first, let waiter = waiters[id], lanes.take(line, group.domain) else {
                    continue
                }
                turns.append(turns.remove(at: turn))
                if let group = groups[line]?.remove(at: index) { groups[line]?.append(group) }
                _ = remove(id)
                return waiter
            }
        }
        return nil
    }
}
#endif
