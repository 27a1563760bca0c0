#if HTTPTransport
internal import NIOCore

/// The assignment of connections to exchanges.
extension HTTPWorker {
    /// Sends the exchange over an idle or a new connection, or lets it wait.
    func connect(_ exchange: HTTPExchange, _ endpoint: HTTPEndpoint) {
        guard !exchange.isFinished else { return }
        while let connection = endpoint.takeIdle() {
            guard take(connection, for: exchange) else {
                endpoint.putBack(connection)
                break
            }
            if connection.send(exchange) { return }
            release(connection)
        }
        if endpoint.mayOpen, context.budget.open(for: exchange.holder) { return endpoint.open(for: exchange) }
        // Idle connections may still count for accounts; without them, there may be room.
        if releaseIdle() { return connect(exchange, endpoint) }
        exchange.enter(.waiting)
        waiting.append(exchange)
        if endpoint.mayOpen, context.budget.isExhausted, context.budget.allows(exchange.holder) { closeOneIdle() }
    }

    /// Gives a free connection to the exchange that has waited longest for its endpoint, or keeps it.
    func connectionIsFree(_ connection: HTTPConnection, _ endpoint: HTTPEndpoint) {
        guard endpoint.isCurrent(connection) else { return connection.close() }
        guard waiting.isEmpty else { return offer(connection, endpoint) }
        keep(connection, endpoint)
    }

    private func offer(_ connection: HTTPConnection, _ endpoint: HTTPEndpoint) {
        release(connection)
        guard !isWanted(for: endpoint.key) else { return connection.close() }
        if isAnotherFirst(than: endpoint.key) {
            // The connection's account can now use another one, for the request that has waited longest.
            keep(connection, endpoint)
            return serveWaiting()
        }
        var refused: Set<ConnectionHolder> = []
        while let index = waiting.firstIndex(where: { $0.job.key == endpoint.key && mayServe($0, &refused) }) {
            let exchange = waiting.remove(at: index)
            if exchange.isFinished { continue }
            if take(connection, for: exchange) {
                if connection.send(exchange) { return }
                release(connection)
            }
            // Another thread took the account's share, or the connection has closed.
            connect(exchange, endpoint)
            break
        }
        guard connection.isIdle else { return }
        keep(connection, endpoint)
        // The connection's account can now use another one.
        serveWaiting()
    }

    private func keep(_ connection: HTTPConnection, _ endpoint: HTTPEndpoint) {
        guard context.budget.mayKeep else { return connection.close() }
        endpoint.keep(connection)
        guard connection.holder != nil, !connection.isCountedIdle else { return }
        connection.isCountedIdle = true
        countedIdle.append(connection)
    }

    /// Returns whether the first exchange that may be served is for another endpoint and waits only for a connection to
    /// end.
    private func isWanted(for key: EndpointKey) -> Bool {
        var refused: Set<ConnectionHolder> = []
        guard context.budget.isExhausted,
            let first = waiting.first(where: { !$0.isFinished && mayServe($0, &refused) })
        else { return false }
        return first.job.key != key && endpoint(first.job.key).mayOpen
    }

    /// Returns whether the first exchange that may be served is for another endpoint and waits only for its account's
    /// share.
    private func isAnotherFirst(than key: EndpointKey) -> Bool {
        var refused: Set<ConnectionHolder> = []
        let first = waiting.first { !$0.isFinished && mayConnect($0) && mayServe($0, &refused) }
        return first.map { $0.job.key != key } ?? false
    }

    /// Handles a closed connection, which makes room for another.
    func connectionIsGone(_ holder: ConnectionHolder?) {
        context.budget.closed(holder)
        serveWaiting()
    }

    /// Serves the exchanges that may have a connection, oldest first.
    ///
    /// Exchanges whose account is at its share do not block others.
    func serveWaiting() {
        // An exchange whose attempt ends immediately calls this function again; the loop below continues anyway.
        guard !isServing else { return }
        isServing = true
        defer { isServing = false }
        let now = NIODeadline.now()
        var refused: Set<ConnectionHolder> = []
        let isRoomWanted =
            context.budget.isExhausted
            && waiting.contains { !$0.isFinished && endpoint($0.job.key).mayOpen && mayServe($0, &refused) }
        if isRoomWanted { closeOneIdle() }
        while let index = waiting.firstIndex(where: { mayConnect($0) && mayServe($0, &refused) }) {
            let exchange = waiting.remove(at: index)
            if exchange.job.deadline <= now { abort(exchange, exchange.timeout) }
            // The endpoint's addresses may have expired meanwhile.
            if !exchange.isFinished { endpoint(exchange.job.key).prepare(exchange) }
        }
    }

    /// Returns whether there is an idle connection for the exchange's endpoint, or room for a new one.
    private func mayConnect(_ exchange: HTTPExchange) -> Bool {
        if exchange.isFinished { return true }
        let endpoint = endpoint(exchange.job.key)
        return endpoint.hasIdle || endpoint.mayOpen && !context.budget.isExhausted
    }

    /// Returns whether the exchange's account may use another connection; each account is checked once.
    private func mayServe(_ exchange: HTTPExchange, _ refused: inout Set<ConnectionHolder>) -> Bool {
        if exchange.isFinished { return true }
        guard !refused.contains(exchange.holder) else { return false }
        guard !context.budget.allows(exchange.holder) else { return true }
        refused.insert(exchange.holder)
        return false
    }

    private func closeOneIdle() {
        for endpoint in endpoints.values {
            if let connection = endpoint.takeOldestIdle() { return connection.close() }
        }
    }

    // MARK: - Shares

    /// Counts a connection for the exchange's account.
    private func take(_ connection: HTTPConnection, for exchange: HTTPExchange) -> Bool {
        guard connection.holder != exchange.holder else { return true }
        guard context.budget.take(for: exchange.holder) else { return false }
        release(connection)
        connection.holder = exchange.holder
        return true
    }

    private func release(_ connection: HTTPConnection) {
        guard let holder = connection.holder else { return }
        connection.holder = nil
        context.budget.giveBack(for: holder)
    }

    /// Releases the accounts' shares of idle connections.
    ///
    /// - Returns: Whether there were such connections.
    @discardableResult func releaseIdle() -> Bool {
        guard !countedIdle.isEmpty else { return false }
        for connection in countedIdle { connection.isCountedIdle = false }
        let idle = countedIdle.filter { $0.isIdle && $0.holder != nil }
        countedIdle.removeAll(keepingCapacity: true)
        for connection in idle { release(connection) }
        return !idle.isEmpty
    }
}
#endif
