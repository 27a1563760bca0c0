#if HTTPTransport
internal import NIOCore
internal import WebhookDelivery
internal import WebhookLimits
internal import WebhookRetries

/// A race of an endpoint's addresses to make one connection for an exchange (RFC 8305, section 5).
///
/// Each address has a head start before the next one is tried concurrently. A slow address is not abandoned, because a
/// healthy host far away may need longer than an equal share of the time. The first complete handshake wins, including
/// TLS, and the exchange's deadline applies to the whole race.
final class HTTPConnectionRace {
    /// The head start of an address, the "Connection Attempt Delay" of RFC 8305, section 8.
    private static let headStart = TimeAmount.milliseconds(250)

    let exchange: HTTPExchange
    let worker: HTTPWorker
    private var addresses: ArraySlice<IPAddress>
    /// The running attempts, each with a reserved connection; while there is none, the exchange's reservation is kept.
    private var attempts: [HTTPConnectionAttempt] = []
    private var nextStart: Scheduled<Void>?
    private var failure: (error: TransportError, phase: HTTPExchange.Phase)?
    private var isOver = false

    init(_ exchange: HTTPExchange, _ worker: HTTPWorker, addresses: [IPAddress]) {
        self.exchange = exchange
        self.worker = worker
        self.addresses = addresses[...]
    }

    func start() {
        exchange.race = self
        startNext()
    }

    /// Tries the next address concurrently with the running attempts.
    private func startNext() {
        nextStart?.cancel()
        guard !isOver else { return }
        guard !addresses.isEmpty else { return attempts.isEmpty ? fail() : () }
        nextStart = worker.eventLoop.assumeIsolated().scheduleTask(in: Self.headStart) { self.startNext() }
        guard attempts.isEmpty || worker.reserve(for: exchange) else { return abandonOldest() }
        let attempt = HTTPConnectionAttempt(self, to: addresses.removeFirst())
        attempts.append(attempt)
        phaseChanged()
        attempt.start(within: max(.zero, exchange.job.deadline - .now()))
    }

    /// Ends the oldest attempt after its equal share of the time.
    ///
    /// This applies only without room for a concurrent attempt, so that an unresponsive address leaves time for the
    /// others.
    private func abandonOldest() {
        guard let oldest = attempts.first else { return }
        let time = exchange.job.deadline - oldest.startedAt
        let share = TimeAmount.nanoseconds(time.nanoseconds / Int64(addresses.count + 1))
        if .now() - oldest.startedAt >= share { failed(oldest, exchange.timeout) }
    }

    /// Sets the exchange's phase to that of its most advanced attempt.
    func phaseChanged() {
        guard !isOver, let attempt = attempts.max(by: { $0.phase < $1.phase }) else { return }
        if exchange.phase != attempt.phase { exchange.enter(attempt.phase) }
    }

    /// Handles a failed attempt, and starts the next one immediately.
    func failed(_ attempt: HTTPConnectionAttempt, _ error: TransportError) {
        guard remove(attempt) else { return }
        attempt.close()
        note(error, in: attempt.phase)
        if !attempts.isEmpty { worker.unreserve(for: exchange) }
        phaseChanged()
        startNext()
    }

    /// Records the failure to report if all attempts fail.
    ///
    /// The endpoint's failures take precedence over this machine's, then the failure of the most advanced attempt.
    private func note(_ error: TransportError, in phase: HTTPExchange.Phase) {
        if let failure, !failure.error.failure.isSenderFault, error.failure.isSenderFault || phase <= failure.phase {
            return
        }
        failure = (error, phase)
    }

    private func fail() {
        isOver = true
        exchange.race = nil
        let error = failure?.error ?? TransportError(.connectionRefused, "The host has no address")
        worker.abort(exchange, exchange.job.deadline > .now() ? error : exchange.timeout)
        worker.unreserve(for: exchange)
    }

    /// Sends the exchange over the winning attempt's connection, and ends the other attempts.
    func won(_ attempt: HTTPConnectionAttempt, _ connection: HTTPConnection, _ channel: any Channel) {
        guard remove(attempt) else { return }
        end()
        exchange.race = nil
        worker.connected(exchange, connection, channel)
    }

    /// Ends the race because the exchange ended before there was a connection.
    func cancel() {
        if !isOver { end() }
    }

    private func remove(_ attempt: HTTPConnectionAttempt) -> Bool {
        guard !isOver, let index = attempts.firstIndex(where: { $0 === attempt }) else { return false }
        attempts.remove(at: index)
        return true
    }

    /// Ends the remaining attempts.
    private func end() {
        isOver = true
        nextStart?.cancel()
        let left = attempts
        attempts = []
        for attempt in left {
            attempt.close()
            worker.unreserve(for: exchange)
        }
    }
}
#endif
