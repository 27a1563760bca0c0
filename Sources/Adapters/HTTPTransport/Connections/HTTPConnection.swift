#if HTTPTransport
internal import NIOCore
internal import NIOTLS
internal import WebhookDelivery
internal import WebhookHTTP1
internal import WebhookLimits
internal import WebhookRetries

/// The HTTP handler of one connection, which carries one exchange at a time and limits what it reads.
///
/// A complete response head determines the outcome. If the connection breaks, stalls or keeps sending after the head,
/// the exchange still succeeds, and the connection is closed instead of drained.
final class HTTPConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// The event that a proxy's tunnel to the endpoint is open.
    struct TunnelIsOpen {
        let isSecure: Bool
    }

    let address: IPAddress
    /// The endpoint's address, unless a proxy connects to it.
    var endpointAddress: IPAddress? { worker.context.configuration.proxy == nil ? address : nil }
    /// The time for which the server keeps the idle connection, if the server has announced it.
    private(set) var announcedTime: TimeAmount?
    /// The number of the connection in the pool, once it is established.
    var id: ConnectionPool.ConnectionID?
    /// Called when a proxy's tunnel is open.
    var tunnelIsOpen: () -> Void = {}
    private let worker: HTTPWorker
    /// The promise that is completed when requests may be sent.
    private let ready: EventLoopPromise<Void>
    private let isReadyWhenActive: Bool
    private var context: ChannelHandlerContext?
    private var exchange: HTTPExchange?
    private var parser = ResponseParser()
    /// Whether the request is completely written.
    ///
    /// A server may answer before it has read the whole request; the unsent rest would then precede the next request.
    private var isWritten = false
    private var isUsed = false
    /// Whether the connection is closing; closing may take a while, and no exchange may begin in that time.
    private var isClosing = false
    private var firstWrite = FirstWrite.none
    /// The buffer in which requests are assembled.
    private var storage = ByteBuffer()
    private static let keptStorage = 16_384

    /// The state of a request's first write on a reused connection.
    private enum FirstWrite {
        case none, tried, failed
    }

    init(
        _ worker: HTTPWorker, _ address: IPAddress, isReadyWhenActive: Bool, ready: EventLoopPromise<Void>
    ) {
        self.worker = worker
        self.address = address
        self.isReadyWhenActive = isReadyWhenActive
        self.ready = ready
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    // MARK: - Sending

    /// Sends a request, or returns `false` if the connection is already closed and no byte was sent.
    func send(_ exchange: HTTPExchange) -> Bool {
        guard let context, context.channel.isActive, !isClosing else { return false }
        let job = exchange.job
        self.exchange = exchange
        exchange.connection = self
        exchange.enter(.request)
        parser.reset(isReused: isUsed)
        isWritten = false
        let buffer = request(job, context.channel.allocator)
        // If the server has closed a reused connection, the first write fails immediately, before any byte is sent.
        // This holds for a request that fits into one write.
        firstWrite = isUsed && buffer.readableBytes <= 16_384 ? .tried : .none
        isUsed = true
        context.writeAndFlush(Self.wrapOutboundOut(buffer)).assumeIsolated().whenSuccess {
            self.requestIsWritten(exchange)
        }
        let isUnwritten = firstWrite == .failed
        firstWrite = .none
        if isUnwritten {
            self.exchange = nil
            exchange.connection = nil
            close()
        }
        return !isUnwritten
    }

    /// Returns the request's bytes, reusing the storage of the previous request if that was sent immediately.
    private func request(_ job: HTTPJob, _ allocator: ByteBufferAllocator) -> ByteBuffer {
        let length = job.head.count + job.body.count
        guard length <= Self.keptStorage else {
            var buffer = allocator.buffer(capacity: length)
            buffer.writeBytes(job.head)
            buffer.writeBytes(job.body)
            return buffer
        }
        storage.clear(minimumCapacity: length)
        storage.writeBytes(job.head)
        storage.writeBytes(job.body)
        return storage
    }

    private func requestIsWritten(_ exchange: HTTPExchange) {
        guard self.exchange === exchange else { return }
        isWritten = true
        if exchange.phase == .request { exchange.enter(.response) }
    }

    // MARK: - Receiving

    func channelActive(context: ChannelHandlerContext) {
        if isReadyWhenActive { ready.succeed() }
        context.fireChannelActive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent { ready.succeed() }
        if let tunnel = event as? TunnelIsOpen {
            tunnelIsOpen()
            if !tunnel.isSecure { ready.succeed() }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = Self.unwrapInboundIn(data)
        guard let exchange else {
            // A response without a request would be mistaken for the next request's response.
            if !ResponseParser.isLineEnd(buffer.readableBytesUInt8Span) { close() }
            return
        }
        do { try parser.receive(buffer.readableBytesUInt8Span) } catch {
            return end(TransportError(.invalidResponse, error.message))
        }
        guard parser.head != nil else { return }
        if exchange.phase != .body { exchange.enter(.body) }
        if parser.isComplete { end(nil) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(TransportError(.connectionReset, "The connection was closed before the response"))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let failure = HTTPFailure.describe(error, on: context.channel)
        ready.fail(failure)
        end(failure)
        close()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        ready.fail(
            TransportError(isReadyWhenActive ? .connectionReset : .tlsHandshake, "The server closed the connection"))
    }

    func endPassed() { end(nil) }

    /// Ends the exchange; with a complete head it succeeds, whatever followed.
    private func end(_ error: TransportError?) {
        guard let exchange else { return }
        if firstWrite == .tried, parser.head == nil {
            firstWrite = .failed
            return
        }
        self.exchange = nil
        exchange.connection = nil
        worker.forget(exchange)
        guard let head = parser.head else {
            close()
            return exchange.fail(error ?? exchange.timeout)
        }
        let (body, isComplete) = (parser.body, parser.isBodyComplete)
        announcedTime = head.keepAliveTime.map { .seconds(Int64($0)) }
        // Frees the connection first, because the caller may send the next request immediately.
        if parser.isReusable, isWritten, !isClosing, context?.channel.isActive == true {
            worker.connectionIsFree(self)
        } else {
            close()
        }
        worker.answer { exchange.succeed(head, body: body, isBodyComplete: isComplete) }
    }

    func close() {
        isClosing = true
        context?.close(promise: nil)
    }

    /// Closes the connection after its exchange was aborted; the end of the response is unknown, so it cannot be
    /// reused.
    func detach() {
        exchange = nil
        close()
    }
}
#endif
