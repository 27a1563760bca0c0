#if HTTPTransport
internal import NIOCore
internal import WebhookDelivery
internal import WebhookLimits
internal import WebhookResolver
internal import WebhookRetries

/// One endpoint, with its validated addresses and its idle connections.
final class HTTPEndpoint {
    let key: EndpointKey
    private unowned let worker: HTTPWorker
    private var addresses: [IPAddress] = []
    /// The address of the latest connection.
    private var preferred: IPAddress?
    private var addressesExpireAt = NIODeadline.uptimeNanoseconds(0)
    /// The number of exchanges that wait for the addresses.
    private var awaitingCount = 0
    private var idle: [HTTPConnection] = []
    private(set) var connectionCount = 0

    init(_ key: EndpointKey, worker: HTTPWorker) {
        self.key = key
        self.worker = worker
    }

    // MARK: - Addresses

    /// Connects the exchange, after a look-up if the addresses have expired.
    func prepare(_ exchange: HTTPExchange) {
        guard addressesExpireAt <= .now() else { return worker.connect(exchange, self) }
        let proxy = worker.context.configuration.proxy
        exchange.enter(proxy == nil ? .lookup : .proxy)
        let host = proxy?.host ?? key.host
        if let address = IPAddress(host) {
            let answer = LookUpAnswer(addresses: [address], freshFor: worker.context.addressCacheLifetime)
            return received(.success(answer), for: exchange)
        }
        // Each exchange has its own request, so that an account does not wait for another account's slot.
        let promise = worker.eventLoop.makePromise(of: LookUpAnswer.self)
        awaitingCount += 1
        promise.futureResult.assumeIsolated().whenComplete { result in
            self.awaitingCount -= 1
            exchange.lookUp = nil
            if !exchange.isFinished { self.received(result, for: exchange) }
        }
        exchange.lookUp = worker.context.lookUps.ask(host, for: exchange.job.account) { result in
            promise.completeWith(result.mapError { $0 })
        }
    }

    private func received(_ result: Result<LookUpAnswer, any Error>, for exchange: HTTPExchange) {
        do {
            addresses = try validated(result.map(\.addresses))
            if let preferred { prefer(preferred) }
            addressesExpireAt = .now() + TimeAmount(clamping: try result.get().freshFor)
        } catch {
            if (error as? TransportError)?.failure.isSenderFault != true { closeIdle { _ in true } }
            return worker.abort(exchange, error)
        }
        // An idle connection is valid only while its address is.
        closeIdle { !addresses.contains($0.address) }
        worker.connect(exchange, self)
    }

    private func closeIdle(_ isUnfit: (HTTPConnection) -> Bool) {
        let closed = idle.filter(isUnfit)
        idle.removeAll(where: isUnfit)
        for connection in closed { connection.close() }
    }

    /// Returns the validated addresses of the endpoint, or those of the proxy, which validates the endpoint's
    /// addresses.
    private func validated(_ answer: Result<[IPAddress], any Error>) throws(TransportError) -> [IPAddress] {
        guard worker.context.configuration.proxy != nil else {
            return try worker.context.policy.validatedAddresses(answer, of: key.host)
        }
        // A failure of this machine's resolver is not the proxy's.
        if case .failure(let error as TransportError) = answer, error.failure.isSenderFault { throw error }
        guard let addresses = try? answer.get(), !addresses.isEmpty else {
            throw TransportError(.proxy, "The egress proxy has no address")
        }
        if let literal = IPAddress(key.host) {
            _ = try worker.context.policy.validatedAddresses(.success([literal]), of: key.host)
        }
        return addresses
    }

    // MARK: - New connections

    var mayOpen: Bool { connectionCount < max(1, worker.context.configuration.maximumConnectionsPerEndpoint) }

    /// Opens a connection and sends the exchange over it.
    func open(for exchange: HTTPExchange) {
        connectionCount += 1
        HTTPConnectionRace(exchange, self, worker, addresses: addresses).start()
    }

    /// Reserves another connection for a concurrent attempt.
    func takeRoom(for holder: ConnectionHolder) -> Bool {
        guard mayOpen, worker.context.budget.open(for: holder) else { return false }
        connectionCount += 1
        return true
    }

    /// Moves the address of a successful connection to the front, so that it is tried first the next time.
    func prefer(_ address: IPAddress) {
        preferred = address
        guard let index = addresses.firstIndex(of: address), index > 0 else { return }
        addresses.insert(addresses.remove(at: index), at: 0)
    }

    /// Handles the end of a connection or of an attempt to make one.
    func connectionIsGone(_ connection: HTTPConnection?, _ holder: ConnectionHolder?) {
        connectionCount -= 1
        if let connection { idle.removeAll { $0 === connection } }
        worker.connectionIsGone(holder)
    }

    // MARK: - Idle connections

    /// The time before the announced close after which a connection is not reused, so that no request meets the close.
    private static let margin = TimeAmount.milliseconds(500)

    /// Removes and returns the most recently used connection, so that the others can expire.
    func takeIdle() -> HTTPConnection? {
        let now = NIODeadline.now()
        while let connection = idle.popLast() {
            if connection.idleUntil > now { return connection }
            connection.close()
        }
        return nil
    }
    var hasIdle: Bool { !idle.isEmpty }
    func putBack(_ connection: HTTPConnection) { idle.append(connection) }
    func takeOldestIdle() -> HTTPConnection? { idle.isEmpty ? nil : idle.removeFirst() }

    /// Returns whether a connection's address is in the latest answer.
    func isCurrent(_ connection: HTTPConnection) -> Bool { addresses.contains(connection.address) }

    func keep(_ connection: HTTPConnection) {
        let limit = TimeAmount(clamping: worker.context.configuration.idleTimeout)
        let announced = connection.announcedTime.map { $0 - Self.margin } ?? limit
        connection.idleUntil = .now() + min(limit, announced)
        if announced > .zero { idle.append(connection) } else { connection.close() }
    }

    func closeExpired(_ now: NIODeadline) { closeIdle { $0.idleUntil <= now } }

    /// Returns whether the endpoint can be removed.
    func isUnused(_ now: NIODeadline) -> Bool {
        connectionCount == 0 && awaitingCount == 0 && addressesExpireAt <= now
    }
}
#endif
