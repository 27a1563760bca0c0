#if HTTPTransport
internal import NIOCore
internal import WebhookDelivery
internal import WebhookLimits
internal import WebhookRetries

/// The endpoints and connections of one event loop.
///
/// A worker needs no locks and no timer for each request: one periodic sweep handles all deadlines, idle connections
/// and unused endpoints.
final class HTTPWorker {
    /// The interval of sweeps, and so the maximum delay with which a passed deadline is noticed.
    private static let sweepInterval = TimeAmount.milliseconds(50)
    private static let idleSweepInterval = TimeAmount.seconds(1)

    let context: HTTPWorkerContext
    let eventLoop: any EventLoop
    private(set) var endpoints: [EndpointKey: HTTPEndpoint] = [:]
    private var active: [ObjectIdentifier: HTTPExchange] = [:]
    /// Exchanges that wait for a connection, oldest first.
    var waiting: [HTTPExchange] = []
    var isServing = false
    /// Idle connections that still count for the account whose request they carried last.
    ///
    /// Usually a request of the same account reuses them immediately, which then needs no lock.
    var countedIdle: [HTTPConnection] = []
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

    /// Ends an exchange that has no connection, or whose connection must be closed.
    func abort(_ exchange: HTTPExchange, _ error: any Error) {
        let (race, connection, lookUp) = (exchange.race, exchange.connection, exchange.lookUp)
        forget(exchange)
        exchange.fail(error)
        connection?.detach()
        race?.cancel()
        if let lookUp { context.lookUps.cancel(lookUp) }
    }

    /// Removes an exchange that has ended or is about to end.
    func forget(_ exchange: HTTPExchange) {
        active[ObjectIdentifier(exchange.job.ticket)] = nil
    }

    /// Resumes the task of an answer; answers that arrive together are batched, so that fewer threads are woken.
    func answer(_ answer: @escaping () -> Void) {
        answers.append(answer)
        guard answers.count == 1 else { return }
        eventLoop.assumeIsolated().execute {
            let answers = self.answers
            self.answers.removeAll(keepingCapacity: true)
            for answer in answers { answer() }
        }
    }

    // MARK: - Endpoints

    func endpoint(_ key: EndpointKey) -> HTTPEndpoint {
        if let endpoint = endpoints[key] { return endpoint }
        let endpoint = HTTPEndpoint(key, worker: self)
        endpoints[key] = endpoint
        return endpoint
    }

    // MARK: - Sweeping

    /// Sweeps frequently while exchanges are active, and rarely while there are only endpoints to remove.
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
        for exchange in active.values where exchange.end <= now {
            // With a complete head, the exchange succeeds even if its body is incomplete.
            if exchange.phase == .body, let connection = exchange.connection {
                connection.endPassed()
            } else if exchange.phase == .lookup, let lookUp = exchange.lookUp {
                // Only the look-ups know whether the name was not answered or there was no free slot.
                context.lookUps.expire(lookUp)
            } else {
                abort(exchange, exchange.timeout)
            }
        }
        waiting.removeAll { $0.isFinished }
        releaseIdle()
        // Closed connections of other threads may have made room.
        serveWaiting()
        for (key, endpoint) in endpoints {
            endpoint.closeExpired(now)
            if endpoint.isUnused(now) { endpoints[key] = nil }
        }
        sweep = nil
        isSweepingOften = false
        if !active.isEmpty || !endpoints.isEmpty { scheduleSweep(often: !active.isEmpty) }
    }
}
#endif
