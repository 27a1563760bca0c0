#if HTTPTransport
internal import NIOCore
internal import WebhookDelivery
internal import WebhookLimits
internal import WebhookRetries

/// The endpoints and connections of one event loop.
///
/// No lock is needed, and no timer for each request: one sweep looks after all deadlines, idle connections and endpoints
/// that nobody asks for any more.
final class HTTPWorker {
    /// How late a deadline may be noticed.
    private static let sweepInterval = TimeAmount.milliseconds(50)
    private static let idleSweepInterval = TimeAmount.seconds(1)

    let context: HTTPWorkerContext
    let eventLoop: any EventLoop
    private var endpoints: [EndpointKey: HTTPEndpoint] = [:]
    private var active: [ObjectIdentifier: HTTPExchange] = [:]
    /// Exchanges that wait for a connection, oldest first.
    private var waiting: [HTTPExchange] = []
    private var isServing = false
    private var answers: [() -> Void] = []
    private var sweep: Scheduled<Void>?
    private var isSweepingOften = false

    init(_ context: HTTPWorkerContext, _ eventLoop: any EventLoop) {
        self.context = context
        self.eventLoop = eventLoop
    }

    // MARK: - Exchanges

    func start(_ job: HTTPJob) {
        let exchange = HTTPExchange(job)
        guard !job.ticket.isCancelled else { return exchange.fail(CancellationError()) }
        active[ObjectIdentifier(job.ticket)] = exchange
        startSweeping()
        endpoint(job.key).prepare(exchange)
    }

    func cancel(_ ticket: HTTPTicket) {
        guard let exchange = active[ObjectIdentifier(ticket)] else { return }
        abort(exchange, CancellationError())
    }

    /// Ends an exchange that its connection knows nothing of, or must be broken off.
    func abort(_ exchange: HTTPExchange, _ error: any Error) {
        let (channel, connection) = (exchange.channel, exchange.connection)
        forget(exchange)
        exchange.fail(error)
        connection?.detach()
        channel?.close(promise: nil)
    }

    /// An exchange has ended, or is about to.
    func forget(_ exchange: HTTPExchange) {
        active[ObjectIdentifier(exchange.job.ticket)] = nil
    }

    /// Hands an answer to its task; those that come together go together, so that fewer threads are woken.
    func answer(_ answer: @escaping () -> Void) {
        answers.append(answer)
        guard answers.count == 1 else { return }
        eventLoop.assumeIsolated().execute {
            let answers = self.answers
            self.answers.removeAll(keepingCapacity: true)
            for answer in answers { answer() }
        }
    }

    // MARK: - Connections

    /// Gives the exchange a kept connection, or a new one, or has it wait.
    func connect(_ exchange: HTTPExchange, _ endpoint: HTTPEndpoint) {
        guard !exchange.isFinished else { return }
        while let connection = endpoint.takeIdle() {
            if connection.send(exchange) { return }
        }
        guard endpoint.mayOpen, context.budget.take() else {
            exchange.enter(.waiting)
            waiting.append(exchange)
            // One that closes makes room for who has waited longest.
            if endpoint.mayOpen { closeOneIdle() }
            return
        }
        endpoint.open(for: exchange)
    }

    /// A connection is free: it goes to who has waited longest for its endpoint, or is kept.
    func connectionIsFree(_ connection: HTTPConnection, _ endpoint: HTTPEndpoint) {
        guard endpoint.isCurrent(connection), !isWanted(for: endpoint.key) else { return connection.close() }
        while let index = waiting.firstIndex(where: { $0.job.key == endpoint.key }) {
            let exchange = waiting.remove(at: index)
            if exchange.isFinished { continue }
            return connection.send(exchange) ? () : connect(exchange, endpoint)
        }
        endpoint.keep(connection)
    }

    /// Whether who has waited longest waits for another endpoint, and for no more than that a connection ends.
    private func isWanted(for key: EndpointKey) -> Bool {
        guard context.budget.isExhausted, let first = waiting.first(where: { !$0.isFinished }) else { return false }
        return first.job.key != key && self.endpoint(first.job.key).mayOpen
    }

    /// A connection is gone: there is room for another.
    func connectionIsGone() {
        context.budget.giveBack()
        serveWaiting()
    }

    private func serveWaiting() {
        // An exchange whose attempt ends at once calls this again; the loop below goes on in any case.
        guard !isServing else { return }
        isServing = true
        defer { isServing = false }
        let now = NIODeadline.now()
        while !context.budget.isExhausted,
            let index = waiting.firstIndex(where: { $0.isFinished || endpoint($0.job.key).mayOpen })
        {
            let exchange = waiting.remove(at: index)
            if exchange.job.deadline <= now { abort(exchange, exchange.timeout) }
            // Its addresses may have become old meanwhile.
            if !exchange.isFinished { endpoint(exchange.job.key).prepare(exchange) }
        }
    }

    private func closeOneIdle() {
        for endpoint in endpoints.values {
            if let connection = endpoint.takeOldestIdle() { return connection.close() }
        }
    }

    private func endpoint(_ key: EndpointKey) -> HTTPEndpoint {
        if let endpoint = endpoints[key] { return endpoint }
        let endpoint = HTTPEndpoint(key, worker: self)
        endpoints[key] = endpoint
        return endpoint
    }

    // MARK: - Sweeping

    /// Sweeps often while a deadline may pass, and now and then while there is only something to forget.
    private func startSweeping() {
        guard !isSweepingOften else { return }
        sweep?.cancel()
        scheduleSweep(often: true)
    }

    private func scheduleSweep(often: Bool) {
        isSweepingOften = often
        let delay = often ? Self.sweepInterval : Self.idleSweepInterval
        sweep = eventLoop.assumeIsolated().scheduleTask(in: delay) { self.sweepOnce() }
    }

    private func sweepOnce() {
        let now = NIODeadline.now()
        for exchange in active.values where exchange.job.deadline <= now {
            // With a complete head, the exchange has succeeded, whatever its body does.
            if exchange.phase == .body, let connection = exchange.connection {
                connection.deadlinePassed()
            } else {
                abort(exchange, exchange.timeout)
            }
        }
        waiting.removeAll { $0.isFinished }
        // Another thread's connections may have made room.
        serveWaiting()
        for (key, endpoint) in endpoints {
            endpoint.closeExpired(now)
            endpoint.forgetFinished()
            if endpoint.isUnused(now) { endpoints[key] = nil }
        }
        sweep = nil
        isSweepingOften = false
        if !active.isEmpty || !endpoints.isEmpty { scheduleSweep(often: !active.isEmpty) }
    }
}
#endif
