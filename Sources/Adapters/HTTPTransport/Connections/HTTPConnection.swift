#if HTTPTransport
internal import NIOCore
internal import NIOTLS
internal import WebhookDelivery
internal import WebhookHTTP1
internal import WebhookLimits
internal import WebhookRetries

/// One connection's side of HTTP: one exchange at a time, bounded reads.
///
/// What counts is the complete response head. A connection that breaks, stalls or never stops after a head has delivered
/// its status all the same; it is closed instead of drained.
final class HTTPConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Says that a proxy's tunnel leads to the endpoint now.
    struct TunnelIsOpen {
        let isSecure: Bool
    }

    let address: IPAddress
    /// How long its server has said that it keeps it, if it has.
    private(set) var announcedTime: TimeAmount?
    /// When it is too old for another request.
    var idleUntil = NIODeadline.now()
    /// The account that it counts for; `nil` while it is kept, after a moment.
    var holder: ConnectionHolder?
    /// Whether its worker has a note that it counts for an account while it is kept.
    var isCountedIdle = false
    /// Called when a proxy's tunnel is open.
    var tunnelIsOpen: () -> Void = {}
    private let endpoint: HTTPEndpoint
    private let worker: HTTPWorker
    /// Completed when requests may be sent.
    private let ready: EventLoopPromise<Void>
    private let isReadyWhenActive: Bool
    private var context: ChannelHandlerContext?
    private var exchange: HTTPExchange?
    private var parser = ResponseParser()
    /// A server may answer before it has read everything; what is still unsent would stand before the next request.
    private var isWritten = false
    private var isUsed = false
    /// A close may take a while, in which nothing may begin.
    private var isClosing = false
    private var firstWrite = FirstWrite.none
    /// Where requests are put together.
    private var storage = ByteBuffer()
    private static let keptStorage = 16_384

    /// What became of a request's first write on a kept connection.
    private enum FirstWrite {
        case none, tried, failed
    }

    init(
        _ endpoint: HTTPEndpoint, _ worker: HTTPWorker, _ address: IPAddress, isReadyWhenActive: Bool,
        ready: EventLoopPromise<Void>
    ) {
        self.endpoint = endpoint
        self.worker = worker
        self.address = address
        self.isReadyWhenActive = isReadyWhenActive
        self.ready = ready
    }

    /// Whether it is open and carries no request.
    var isIdle: Bool { exchange == nil && !isClosing }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    // MARK: - Sending

    /// Sends a request; `false` when the connection is closed already, and not one byte has left.
    func send(_ exchange: HTTPExchange) -> Bool {
        guard let context, context.channel.isActive, !isClosing else { return false }
        let job = exchange.job
        self.exchange = exchange
        exchange.connection = self
        exchange.enter(.request)
        parser.reset(isReused: isUsed)
        isWritten = false
        let buffer = request(job, context.channel.allocator)
        // A kept connection that its peer has closed takes no byte of a request that fits one write: the write fails at once.
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

    /// The request's bytes, in the storage of the one before where that is free again: what was sent at once is.
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
            // A response without a request would be taken for the next request's.
            return ResponseParser.isLineEnd(buffer.readableBytesUInt8Span) ? () : close()
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
            TransportError(isReadyWhenActive ? .connectionReset : .tlsHandshake, "The peer closed the connection"))
    }

    func endPassed() { end(nil) }

    /// Ends the exchange: well when there is a head, whatever came after it.
    private func end(_ error: TransportError?) {
        guard let exchange else { return }
        if firstWrite == .tried, parser.head == nil { return firstWrite = .failed }
        self.exchange = nil
        exchange.connection = nil
        worker.forget(exchange)
        guard let head = parser.head else {
            close()
            return exchange.fail(error ?? exchange.timeout)
        }
        let body = parser.body
        announcedTime = head.keepAliveTime.map { .seconds(Int64($0)) }
        // The connection first: whoever is answered may send the next request at once.
        if parser.isReusable, isWritten, !isClosing, context?.channel.isActive == true {
            worker.connectionIsFree(self, endpoint)
        } else {
            close()
        }
        worker.answer { exchange.succeed(head, body: body) }
    }

    func close() {
        isClosing = true
        context?.close(promise: nil)
    }

    /// The exchange has ended without the connection, which can serve no other: nobody knows where its response ends.
    func detach() {
        exchange = nil
        close()
    }
}
#endif
