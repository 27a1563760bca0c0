#if HTTPTransport
internal import NIOCore
internal import WebhookDelivery
internal import WebhookLimits
internal import WebhookResolver
internal import WebhookRetries

/// One endpoint: its addresses, each judged, and its connections that wait for a request.
final class HTTPEndpoint {
    let key: EndpointKey
    private unowned let worker: HTTPWorker
    private var addresses: [IPAddress] = []
    /// The address that a connection was made to last.
    private var preferred: IPAddress?
    private var addressesExpireAt = NIODeadline.uptimeNanoseconds(0)
    /// How many exchanges wait for the addresses.
    private var awaitingCount = 0
    private var idle: [HTTPConnection] = []
    private(set) var connectionCount = 0

    init(_ key: EndpointKey, worker: HTTPWorker) {
        self.key = key
        self.worker = worker
    }

    // MARK: - Addresses

    /// Connects, after a look-up if the addresses have become old.
    func prepare(_ exchange: HTTPExchange) {
        guard addressesExpireAt <= .now() else { return worker.connect(exchange, self) }
        let proxy = worker.context.configuration.proxy
        exchange.enter(proxy == nil ? .lookup : .proxy)
        let host = proxy?.host ?? key.host
        if let address = IPAddress(host) {
            let answer = LookUpAnswer(addresses: [address], freshFor: worker.context.addressLifetime)
            return received(.success(answer), for: exchange)
        }
        // Each exchange asks for itself, so that one account's wait for a place is not another's.
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
            if (error as? TransportError)?.failure.isSendersAlone != true { closeIdle { _ in true } }
            return worker.abort(exchange, error)
        }
        // A kept connection is as good as its address.
        closeIdle { !addresses.contains($0.address) }
        worker.connect(exchange, self)
    }

    private func closeIdle(_ isUnfit: (HTTPConnection) -> Bool) {
        let closed = idle.filter(isUnfit)
        idle.removeAll(where: isUnfit)
        for connection in closed { connection.close() }
    }

    /// The addresses to connect to: the endpoint's, or the proxy's; what a name leads a proxy to is the proxy's to judge.
    private func validated(_ answer: Result<[IPAddress], any Error>) throws(TransportError) -> [IPAddress] {
        guard worker.context.configuration.proxy != nil else {
            return try worker.context.policy.judged(answer, of: key.host)
        }
        // What the sender's own resolver lacks is no fault of the proxy.
        if case .failure(let error as TransportError) = answer, error.failure.isSendersAlone { throw error }
        guard let addresses = try? answer.get(), !addresses.isEmpty else {
            throw TransportError(.proxy, "The egress proxy has no address")
        }
        if let literal = IPAddress(key.host) { _ = try worker.context.policy.judged(.success([literal]), of: key.host) }
        return addresses
    }

    // MARK: - New connections

    var mayOpen: Bool { connectionCount < max(1, worker.context.configuration.maximumConnectionsPerEndpoint) }

    /// Opens a connection and sends the exchange over it.
    func open(for exchange: HTTPExchange) {
        connectionCount += 1
        HTTPConnectionRace(exchange, self, worker, addresses: addresses).start()
    }

    /// Takes room for another attempt to connect beside one that has room.
    func takeRoom(for holder: ConnectionHolder) -> Bool {
        guard mayOpen, worker.context.budget.open(for: holder) else { return false }
        connectionCount += 1
        return true
    }

    /// The address that a connection was made to first goes first the next time.
    func prefer(_ address: IPAddress) {
        preferred = address
        guard let index = addresses.firstIndex(of: address), index > 0 else { return }
        addresses.insert(addresses.remove(at: index), at: 0)
    }

    /// A connection, or the attempt to make one, is over.
    func connectionIsGone(_ connection: HTTPConnection?, _ holder: ConnectionHolder?) {
        connectionCount -= 1
        if let connection { idle.removeAll { $0 === connection } }
        worker.connectionIsGone(holder)
    }

    // MARK: - Kept connections

    /// How long before its announced end a connection is left: a request on its way would meet the close.
    private static let margin = TimeAmount.milliseconds(500)

    /// The connection that was used last, so that the others may become old.
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

    /// Whether a connection leads to an address of the latest answer.
    func isCurrent(_ connection: HTTPConnection) -> Bool { addresses.contains(connection.address) }

    func keep(_ connection: HTTPConnection) {
        let limit = TimeAmount(clamping: worker.context.configuration.maximumIdleTime)
        let announced = connection.announcedTime.map { $0 - Self.margin } ?? limit
        connection.idleUntil = .now() + min(limit, announced)
        if announced > .zero { idle.append(connection) } else { connection.close() }
    }

    func closeExpired(_ now: NIODeadline) { closeIdle { $0.idleUntil <= now } }

    /// Whether it can be forgotten.
    func isUnused(_ now: NIODeadline) -> Bool {
        connectionCount == 0 && awaitingCount == 0 && addressesExpireAt <= now
    }
}
#endif
