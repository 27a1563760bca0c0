#if HTTPTransport
internal import NIOCore
internal import WebhookDelivery
internal import WebhookLimits
internal import WebhookResolver
internal import WebhookRetries

/// One endpoint: its addresses, each judged, and its connections that wait for a request.
final class HTTPEndpoint {
    /// How long a failed look-up counts.
    private static let failureLifetime = TimeAmount.seconds(1) ... .seconds(30)

    let key: EndpointKey
    private unowned let worker: HTTPWorker
    private var addresses: [IPAddress] = []
    private var addressesExpireAt = NIODeadline.uptimeNanoseconds(0)
    private var isLookingUp = false
    private var lookUpStart = NIODeadline.now()
    private var lookUp: Task<Void, Never>?
    /// Whether the look-up was cancelled because nobody waited for it any more.
    private var isAbandoned = false
    /// Why the latest look-up failed; the next requests fail alike for a while, instead of asking again.
    private var failure: (any Error)?
    private var awaitingAddresses: [HTTPExchange] = []
    private var idle: [HTTPConnection] = []
    private(set) var connectionCount = 0

    init(_ key: EndpointKey, worker: HTTPWorker) {
        self.key = key
        self.worker = worker
    }

    // MARK: - Addresses

    /// Finds out where the endpoint is, if nobody knows it any more, and connects.
    func prepare(_ exchange: HTTPExchange) {
        guard addressesExpireAt <= .now() else {
            if let failure { return worker.abort(exchange, failure) }
            return worker.connect(exchange, self)
        }
        exchange.enter(worker.context.configuration.proxy == nil ? .lookup : .proxy)
        awaitingAddresses.append(exchange)
        guard !isLookingUp else { return }
        isLookingUp = true
        lookUpStart = .now()
        if let address = exchange.job.url.address, worker.context.configuration.proxy == nil {
            return received(.success([address]))
        }
        let host = worker.context.configuration.proxy?.host ?? key.host
        if let address = IPAddress(host) { return received(.success([address])) }
        let resolver = worker.context.resolver
        let promise = worker.eventLoop.makePromise(of: [IPAddress].self)
        promise.futureResult.assumeIsolated().whenComplete { self.received($0) }
        lookUp = promise.completeWithTask { try await resolver.addresses(of: host) }
    }

    /// Lets go of requests whose time is over, and of a look-up that nobody waits for.
    func forgetFinished() {
        guard !awaitingAddresses.isEmpty else { return }
        awaitingAddresses.removeAll { $0.isFinished }
        guard awaitingAddresses.isEmpty, let lookUp else { return }
        lookUp.cancel()
        isAbandoned = true
    }

    private func received(_ result: Result<[IPAddress], any Error>) {
        isLookingUp = false
        lookUp = nil
        failure = nil
        let exchanges = awaitingAddresses
        awaitingAddresses = []
        let wasAbandoned = isAbandoned
        isAbandoned = false
        if wasAbandoned, case .failure(let error) = result, error is CancellationError {
            // That says nothing of the name; whoever came meanwhile has it asked again.
            for exchange in exchanges { prepare(exchange) }
            return
        }
        do {
            addresses = try judged(result)
        } catch {
            failure = error
            // A look-up that took its time held a thread, and is not to hold it again at once.
            let duration = NIODeadline.now() - lookUpStart
            addressesExpireAt =
                .now() + min(Self.failureLifetime.upperBound, max(Self.failureLifetime.lowerBound, 3 * duration))
            addresses = []
            for connection in idle { connection.close() }
            idle = []
            for exchange in exchanges { worker.abort(exchange, error) }
            return
        }
        let lifetime = min(worker.context.configuration.addressLifetime, .seconds(60))
        addressesExpireAt = .now() + TimeAmount(clamping: lifetime)
        // A kept connection is as good as its address.
        let closed = idle.filter { !addresses.contains($0.address) }
        idle.removeAll { !addresses.contains($0.address) }
        for connection in closed { connection.close() }
        for exchange in exchanges { worker.connect(exchange, self) }
    }

    /// The addresses to connect to: the endpoint's, or the proxy's; what a name leads a proxy to is the proxy's to judge.
    private func judged(_ answer: Result<[IPAddress], any Error>) throws(TransportError) -> [IPAddress] {
        guard worker.context.configuration.proxy != nil else {
            return try worker.context.policy.judged(answer, of: key.host)
        }
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
        HTTPConnectionAttempt(exchange, self, worker, addresses: addresses).start()
    }

    /// A connection, or the attempt to make one, is over.
    func connectionIsGone(_ connection: HTTPConnection?) {
        connectionCount -= 1
        if let connection { idle.removeAll { $0 === connection } }
        worker.connectionIsGone()
    }

    // MARK: - Kept connections

    /// The connection that was used last, so that the others may become old.
    func takeIdle() -> HTTPConnection? {
        closeExpired(.now())
        return idle.popLast()
    }
    func takeOldestIdle() -> HTTPConnection? { idle.isEmpty ? nil : idle.removeFirst() }

    /// Whether a connection leads to an address of the latest answer.
    func isCurrent(_ connection: HTTPConnection) -> Bool { addresses.contains(connection.address) }

    func keep(_ connection: HTTPConnection) {
        connection.idleSince = .now()
        idle.append(connection)
    }

    func closeExpired(_ now: NIODeadline) {
        let limit = now - TimeAmount(clamping: worker.context.configuration.maximumIdleTime)
        // Oldest first, since they are taken from the end.
        while let connection = idle.first, connection.idleSince <= limit {
            idle.removeFirst()
            connection.close()
        }
    }

    /// Whether it can be forgotten.
    func isUnused(_ now: NIODeadline) -> Bool {
        connectionCount == 0 && awaitingAddresses.isEmpty && !isLookingUp && addressesExpireAt <= now
    }
}
#endif
