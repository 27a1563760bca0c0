#if HTTPTransport
internal import NIOCore
internal import WebhookDelivery
internal import WebhookLimits
internal import WebhookRetries

/// The exchanges and connections of one event loop.
///
/// A thin shell around ``ConnectionPool``, which decides. A worker needs no locks and no timer for each request: one
/// periodic sweep handles all deadlines, idle connections and unused endpoints.
final class HTTPWorker {
    /// The interval of sweeps, and so the maximum delay with which a passed deadline is noticed.
    private static let sweepInterval = TimeAmount.milliseconds(50)
    private static let idleSweepInterval = TimeAmount.seconds(1)

    let context: HTTPWorkerContext
    let eventLoop: any EventLoop
    var pool: ConnectionPool
    /// The connections by their numbers in the pool.
    var connections: [HTTPConnection?] = []
    /// The exchanges that have not ended, by the numbers of their tickets.
    private(set) var exchanges: [Int: HTTPExchange] = [:]
    private var answers: [() -> Void] = []
    private var sweep: Scheduled<Void>?
    private var isSweepingOften = false

    init(_ context: HTTPWorkerContext, _ eventLoop: any EventLoop) {
        self.context = context
        self.eventLoop = eventLoop
        self.pool = ConnectionPool(
            budget: context.budget, maximumPerEndpoint: context.configuration.maximumConnectionsPerEndpoint,
            idleTimeout: TimeAmount(clamping: context.configuration.idleTimeout))
    }

    // MARK: - Exchanges

    func start(_ job: HTTPJob) {
        let exchange = HTTPExchange(job)
        guard !job.ticket.isCancelled else { return exchange.fail(CancellationError()) }
        exchanges[job.ticket.id] = exchange
        startSweeping()
        exchange.request = pool.start(
            job.ticket.id, to: job.key, for: exchange.holder, deadline: job.deadline, now: .now())
        performActions()
    }

    func cancel(_ ticket: HTTPTicket) {
        guard let exchange = exchanges[ticket.id] else { return }
        abort(exchange, CancellationError())
    }

    /// Ends an exchange that has no connection, or whose connection must be closed.
    func abort(_ exchange: HTTPExchange, _ error: any Error) {
        let (race, connection, lookup) = (exchange.race, exchange.connection, exchange.lookup)
        forget(exchange)
        exchange.fail(error)
        connection?.detach()
        race?.cancel()
        if let lookup { context.lookups.cancel(lookup) }
    }

    /// Removes an exchange that has ended or is about to end.
    func forget(_ exchange: HTTPExchange) {
        guard exchanges.removeValue(forKey: exchange.job.ticket.id) != nil, let request = exchange.request else {
            return
        }
        pool.ended(request, isWaiting: exchange.phase == .waiting)
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
        for exchange in exchanges.values where exchange.end <= now { endPassed(exchange) }
        pool.sweep(now: now)
        performActions()
        sweep = nil
        isSweepingOften = false
        if !exchanges.isEmpty || !pool.isEmpty { scheduleSweep(often: !exchanges.isEmpty) }
    }

    private func endPassed(_ exchange: HTTPExchange) {
        // With a complete head, the exchange succeeds even if its body is incomplete.
        if exchange.phase == .body, let connection = exchange.connection {
            connection.endPassed()
        } else if exchange.phase == .lookup, let lookup = exchange.lookup {
            // Only the look-ups know whether the name was not answered or there was no free slot.
            context.lookups.expire(lookup)
        } else {
            abort(exchange, exchange.timeout)
        }
    }
}
#endif
