#if HTTPTransport
package import NIOCore

extension ConnectionPool {
    /// Sends an exchange over an idle or a new connection, or lets it wait.
    mutating func assign(_ request: Exchange, _ now: NIODeadline) {
        if let id = takeIdle(of: request.endpoint, now) {
            if take(id, for: request.holder) { return queue(.send(request, id)) }
            putBack(id, of: request.endpoint)
        }
        if mayOpen(request.endpoint), budget.open(for: request.holder) {
            endpoints[request.endpoint]?.connectionCount += 1
            return queue(.connect(request, endpoints[request.endpoint]?.addresses ?? []))
        }
        // Idle connections may still count for accounts; without them, there may be room.
        if releaseIdle() { return assign(request, now) }
        waiting.append(request)
        queue(.wait(request))
        if mayOpen(request.endpoint), budget.isExhausted, budget.allows(request.holder) { closeOneIdle() }
    }

    /// A kept connection was closed by the server before a byte of the exchange was sent: another one is assigned.
    ///
    /// - Parameters:
    ///   - request: The exchange.
    ///   - id: The connection; the owner closes it.
    ///   - now: The current time.
    package mutating func sendFailed(_ request: Exchange, over id: ConnectionID, now: NIODeadline) {
        release(id)
        assign(request, now)
    }

    /// A connection has finished an exchange and can carry another: it goes to the exchange that has waited longest for
    /// its endpoint, or is kept.
    ///
    /// - Parameters:
    ///   - id: The connection.
    ///   - announced: The time for which the server keeps it, if it has announced one.
    ///   - now: The current time.
    package mutating func freed(_ id: ConnectionID, announced: TimeAmount?, now: NIODeadline) {
        guard isCurrent(id) else { return queue(.close(id)) }
        if waiting.isEmpty { keep(id, announced: announced, now) } else { offer(id, announced, now) }
    }

    /// Returns whether a connection's address is in the latest answer.
    private func isCurrent(_ id: ConnectionID) -> Bool {
        guard let address = connections[id]?.address, let endpoint = connections[id]?.endpoint else { return false }
        return endpoints[endpoint]?.addresses.contains(address) ?? false
    }

    private mutating func offer(_ id: ConnectionID, _ announced: TimeAmount?, _ now: NIODeadline) {
        guard let endpoint = connections[id]?.endpoint else { return }
        release(id)
        guard !isRoomWanted(byOthersThan: endpoint) else { return queue(.close(id)) }
        if isAnotherFirst(than: endpoint) {
            // Its account is below its share again, so the exchange that has waited longest may start.
            keep(id, announced: announced, now)
            return serveWaiting(now)
        }
        var refused: Set<ConnectionHolder> = []
        if let index = waiting.firstIndex(where: { $0.endpoint == endpoint && mayServe($0, &refused) }) {
            let request = waiting.remove(at: index)
            if take(id, for: request.holder) { return queue(.send(request, id)) }
            // Another thread took the account's share.
            assign(request, now)
        }
        keep(id, announced: announced, now)
        // Its account is below its share again, so its waiting exchanges may start.
        serveWaiting(now)
    }

    /// Returns whether the first exchange that may be served is for another endpoint, and could start if any connection
    /// closed.
    private func isRoomWanted(byOthersThan endpoint: Int) -> Bool {
        var refused: Set<ConnectionHolder> = []
        guard budget.isExhausted, let first = waiting.first(where: { mayServe($0, &refused) }) else { return false }
        return first.endpoint != endpoint && mayOpen(first.endpoint)
    }

    /// Returns whether the first exchange that may be served is for another endpoint and waits only for its account's
    /// share.
    private func isAnotherFirst(than endpoint: Int) -> Bool {
        var refused: Set<ConnectionHolder> = []
        let first = waiting.first { mayConnect($0) && mayServe($0, &refused) }
        return first.map { $0.endpoint != endpoint } ?? false
    }

    /// Serves the exchanges that may have a connection, oldest first.
    ///
    /// Exchanges whose account is at its share do not block others.
    mutating func serveWaiting(_ now: NIODeadline) {
        guard !waiting.isEmpty else { return }
        var refused: Set<ConnectionHolder> = []
        if budget.isExhausted, waiting.contains(where: { mayOpen($0.endpoint) && mayServe($0, &refused) }) {
            closeOneIdle()
        }
        // Each exchange is served once: if another thread was faster, it waits for the next event.
        for _ in 0..<waiting.count {
            guard let index = waiting.firstIndex(where: { mayConnect($0) && mayServe($0, &refused) }) else { return }
            let request = waiting.remove(at: index)
            // The endpoint's addresses may have expired meanwhile.
            if request.deadline <= now { queue(.timeOut(request)) } else { prepare(request, now) }
        }
    }

    /// Returns whether there is an idle connection for the exchange's endpoint, or room for a new one.
    private func mayConnect(_ request: Exchange) -> Bool {
        guard let endpoint = endpoints[request.endpoint] else { return false }
        return !endpoint.idle.isEmpty || mayOpen(request.endpoint) && !budget.isExhausted
    }

    /// Returns whether the exchange's account may use another connection; each account is checked once.
    private func mayServe(_ request: Exchange, _ refused: inout Set<ConnectionHolder>) -> Bool {
        guard !refused.contains(request.holder) else { return false }
        guard !budget.allows(request.holder) else { return true }
        refused.insert(request.holder)
        return false
    }

    // MARK: - Shares

    /// Counts a connection for an account.
    private mutating func take(_ id: ConnectionID, for holder: ConnectionHolder) -> Bool {
        guard connections[id]?.holder != holder else { return true }
        guard budget.take(for: holder) else { return false }
        release(id)
        connections[id]?.holder = holder
        return true
    }

    private mutating func release(_ id: ConnectionID) {
        guard let holder = connections[id]?.holder else { return }
        connections[id]?.holder = nil
        budget.giveBack(for: holder)
    }

    /// Releases the accounts' shares of idle connections.
    ///
    /// - Returns: Whether there were such connections.
    @discardableResult mutating func releaseIdle() -> Bool {
        guard !countedIdle.isEmpty else { return false }
        var hasReleased = false
        for id in countedIdle {
            connections[id]?.isCountedIdle = false
            guard let connection = connections[id], connection.isIdle, connection.holder != nil else { continue }
            release(id)
            hasReleased = true
        }
        countedIdle.removeAll(keepingCapacity: true)
        return hasReleased
    }
}
#endif
