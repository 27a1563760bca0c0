#if HTTPTransport
internal import NIOCore
internal import NIOPosix
internal import WebhookDelivery
internal import WebhookLimits
internal import WebhookRetries

/// Makes one connection for an exchange, trying the endpoint's addresses one after the other.
final class HTTPConnectionAttempt {
    private let exchange: HTTPExchange
    private let endpoint: HTTPEndpoint
    private let worker: HTTPWorker
    private var addresses: ArraySlice<IPAddress>
    private var channel: (any Channel)?
    private var needsTunnel: Bool

    init(_ exchange: HTTPExchange, _ endpoint: HTTPEndpoint, _ worker: HTTPWorker, addresses: [IPAddress]) {
        self.exchange = exchange
        self.endpoint = endpoint
        self.worker = worker
        self.addresses = addresses[...]
        self.needsTunnel = worker.context.configuration.proxy != nil
    }

    func start() { tryNext(after: TransportError(.connectionRefused, "The host has no address")) }

    private func tryNext(after error: any Error) {
        let left = exchange.job.deadline - .now()
        guard !exchange.isFinished, left > .zero, let address = addresses.popFirst() else {
            worker.abort(exchange, left > .zero ? error : exchange.timeout)
            return endpoint.connectionIsGone(nil, exchange.holder)
        }
        exchange.enter(needsTunnel ? .proxy : .connect)
        // Each address gets its share of the time that is left, so that one that swallows packets leaves some.
        let share = TimeAmount.nanoseconds(left.nanoseconds / Int64(addresses.count + 1))
        let port = worker.context.configuration.proxy?.port ?? endpoint.key.port
        do {
            try connect(to: SocketAddress(ipAddress: address.description, port: port), address, in: share)
        } catch {
            tryNext(after: HTTPFailure.describe(error))
        }
    }

    private func connect(to target: SocketAddress, _ address: IPAddress, in share: TimeAmount) {
        let ready = worker.eventLoop.makePromise(of: Void.self)
        let connection = HTTPConnection(
            endpoint, worker, address, isReadyWhenActive: worker.context.isPlain(endpoint.key), ready: ready)
        let bound = NIOLoopBound((self, connection), eventLoop: worker.eventLoop)
        connection.tunnelIsOpen = { [unowned self] in self.tunnelIsOpen() }
        var timeIsOver: TransportError?
        let timer = worker.eventLoop.assumeIsolated().scheduleTask(in: share) {
            timeIsOver = self.exchange.timeout
            self.channel?.close(promise: nil)
        }
        ClientBootstrap(group: worker.eventLoop)
            .connectTimeout(share)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let (attempt, connection) = bound.value
                    attempt.channel = channel
                    attempt.exchange.channel = channel
                    try attempt.worker.context.addHandlers(to: channel, for: attempt.endpoint.key, connection)
                }
            }
            .connect(to: target).assumeIsolated()
            .whenComplete { result in
                switch result {
                case .success(let channel): self.connected(channel, target, ready)
                case .failure(let error): ready.fail(HTTPFailure.describe(error))
                }
            }
        ready.futureResult.assumeIsolated().whenComplete { result in
            timer.cancel()
            switch result {
            case .success: self.isReady(connection)
            case .failure(let error):
                self.channel?.close(promise: nil)
                self.tryNext(after: self.attributed(timeIsOver ?? error))
            }
        }
    }

    private func tunnelIsOpen() {
        needsTunnel = false
        if endpoint.key.isSecure, !exchange.isFinished { exchange.enter(.tls) }
    }

    /// Whatever fails before a proxy's tunnel is open is the proxy's affair, unless it refuses the endpoint by its policy.
    private func attributed(_ error: any Error) -> any Error {
        let failure = HTTPFailure.describe(error)
        guard needsTunnel, failure.failure != .blockedAddress, failure.failure != .proxy else { return failure }
        return TransportError(.proxy, "The egress proxy did not connect (\(failure.message))")
    }

    private func connected(_ channel: any Channel, _ target: SocketAddress, _ ready: EventLoopPromise<Void>) {
        // The kernel connects where it is told to; something that translates addresses on the way might not.
        // A peer that has closed already has no address any more, and gets nothing.
        if let peer = channel.remoteAddress, peer != target {
            ready.fail(
                TransportError(.blockedAddress, "The connection led to another address than the one that was checked"))
        } else if endpoint.key.isSecure, !needsTunnel, !exchange.isFinished {
            exchange.enter(.tls)
        }
    }

    private func isReady(_ connection: HTTPConnection) {
        guard let channel else { return }
        connection.holder = exchange.holder
        channel.closeFuture.assumeIsolated().whenComplete { _ in
            let holder = connection.holder
            connection.holder = nil
            self.endpoint.connectionIsGone(connection, holder)
        }
        if exchange.isFinished { return worker.connectionIsFree(connection, endpoint) }
        if connection.send(exchange) { return }
        worker.abort(exchange, TransportError(.connectionReset, "The connection was closed before the request"))
    }
}
#endif
