#if HTTPTransport
internal import NIOCore
internal import WebhookDelivery
internal import WebhookRetries

/// The pool's actions, and the events of connections.
///
/// An action may cause an event while it is performed. Such an event only changes the pool: its actions are performed by the
/// loop that is running, or in the next tick, so that the stack does not grow with the number of exchanges.
extension HTTPWorker {
    func performActions() {
        while let action = pool.next() { perform(action) }
    }

    /// Performs the pool's actions in the next tick of the event loop.
    private func performActionsSoon() {
        eventLoop.assumeIsolated().execute { self.performActions() }
    }

    private func perform(_ action: ConnectionPool.Action) {
        switch action {
        case .resolve(let request):
            if let exchange = exchanges[request.id] { resolve(exchange, request) }
        case .connect(let request, let addresses):
            guard let exchange = exchanges[request.id] else { return pool.unreserve(request, now: .now()) }
            HTTPConnectionRace(exchange, self, addresses: addresses).start()
        case .send(let request, let id): send(request, over: id)
        case .wait(let request): exchanges[request.id]?.enter(.waiting)
        case .timeOut(let request):
            if let exchange = exchanges[request.id] { abort(exchange, exchange.timeout) }
        case .close(let id): connections[id]?.close()
        }
    }

    private func send(_ request: ConnectionPool.Exchange, over id: ConnectionPool.ConnectionID) {
        guard let connection = connections[id] else { return }
        guard let exchange = exchanges[request.id] else {
            return pool.freed(id, announced: connection.announcedTime, now: .now())
        }
        if !connection.send(exchange) { pool.sendFailed(request, over: id, now: .now()) }
    }

    /// A connection has finished an exchange and can carry another.
    func connectionIsFree(_ connection: HTTPConnection) {
        guard let id = connection.id else { return connection.close() }
        pool.freed(id, announced: connection.announcedTime, now: .now())
        performActions()
    }

    /// Sends the exchange over a connection that was made for it.
    func connected(_ exchange: HTTPExchange, _ connection: HTTPConnection, _ channel: any Channel) {
        guard let request = exchange.request else { return connection.close() }
        let id = pool.connected(request, to: connection.address)
        connection.id = id
        while connections.count <= id { connections.append(nil) }
        connections[id] = connection
        channel.closeFuture.assumeIsolated().whenComplete { _ in self.connectionIsClosed(id) }
        if connection.send(exchange) { return }
        abort(exchange, TransportError(.connectionReset, "The connection was closed before the request"))
    }

    private func connectionIsClosed(_ id: ConnectionPool.ConnectionID) {
        connections[id] = nil
        pool.closed(id, now: .now())
        performActionsSoon()
    }

    // MARK: - Attempts to connect

    /// Reserves another connection for a concurrent attempt.
    func reserve(for exchange: HTTPExchange) -> Bool { exchange.request.map { pool.reserve($0) } ?? false }

    /// Handles the end of an attempt that made no connection.
    func unreserve(for exchange: HTTPExchange) {
        guard let request = exchange.request else { return }
        pool.unreserve(request, now: .now())
        performActionsSoon()
    }
}
#endif
