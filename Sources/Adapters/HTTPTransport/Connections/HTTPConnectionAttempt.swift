#if HTTPTransport
internal import NIOCore
internal import NIOPosix
internal import WebhookDelivery
internal import WebhookLimits
internal import WebhookRetries

/// An attempt to connect to one address: TCP, a proxy's tunnel, TLS.
final class HTTPConnectionAttempt {
    let address: IPAddress
    /// The current phase: `.proxy`, `.connect` or `.tls`.
    private(set) var phase: HTTPExchange.Phase
    let startedAt = NIODeadline.now()
    private let race: HTTPConnectionRace
    private let worker: HTTPWorker
    private let key: EndpointKey
    private var channel: (any Channel)?
    private var needsTunnel: Bool

    init(_ race: HTTPConnectionRace, to address: IPAddress) {
        self.race = race
        self.address = address
        worker = race.worker
        key = race.exchange.job.key
        needsTunnel = worker.context.configuration.proxy != nil
        phase = needsTunnel ? .proxy : .connect
    }

    /// Starts connecting.
    ///
    /// - Parameter time: The connect timeout; the race also ends the attempt after this time.
    func start(within time: TimeAmount) {
        let port = worker.context.configuration.proxy?.port ?? key.port
        do {
            try connect(to: SocketAddress(ipAddress: address.description, port: port), within: time)
        } catch {
            race.failed(self, HTTPFailure.describe(error))
        }
    }

    private func connect(to target: SocketAddress, within time: TimeAmount) {
        let ready = worker.eventLoop.makePromise(of: Void.self)
        let connection = HTTPConnection(
            worker, address, isReadyWhenActive: worker.context.isPlain(key), ready: ready)
        let bound = NIOLoopBound((self, connection), eventLoop: worker.eventLoop)
        connection.tunnelIsOpen = { [unowned self] in self.tunnelIsOpen() }
        ClientBootstrap(group: worker.eventLoop)
            .connectTimeout(time)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let (attempt, connection) = bound.value
                    attempt.channel = channel
                    try attempt.worker.context.addHandlers(to: channel, for: attempt.key, connection)
                }
            }
            .connect(to: target).assumeIsolated()
            .whenComplete { result in
                switch result {
                case .success(let channel): self.connected(channel, target, ready)
                case .failure(let error): ready.fail(LocalRoute.attributed(HTTPFailure.describe(error), to: target))
                }
            }
        ready.futureResult.assumeIsolated().whenComplete { result in
            switch result {
            case .success:
                guard let channel = self.channel else { return }
                self.race.won(self, connection, channel)
            case .failure(let error): self.race.failed(self, self.attributed(error))
            }
        }
    }

    private func tunnelIsOpen() {
        needsTunnel = false
        if key.isSecure { enter(.tls) }
    }

    private func enter(_ next: HTTPExchange.Phase) {
        phase = next
        race.phaseChanged()
    }

    /// Attributes a failure before the tunnel is open to the proxy, unless the proxy rejects the endpoint by its
    /// policy.
    private func attributed(_ error: any Error) -> TransportError {
        let failure = worker.context.tls.attributed(HTTPFailure.describe(error))
        guard needsTunnel, failure.failure != .blockedAddress, failure.failure != .proxy else { return failure }
        return TransportError(.proxy, "The egress proxy did not connect (\(failure.message))")
    }

    private func connected(_ channel: any Channel, _ target: SocketAddress, _ ready: EventLoopPromise<Void>) {
        // The kernel connects to the given address, but address translation on the way might redirect the connection.
        // A connection that is already closed has no remote address, and nothing is sent over it.
        if let peer = channel.remoteAddress, peer != target {
            ready.fail(
                TransportError(.blockedAddress, "The connection reached an address other than the validated one"))
        } else if key.isSecure, !needsTunnel {
            enter(.tls)
        }
    }

    func close() { channel?.close(promise: nil) }
}
#endif
