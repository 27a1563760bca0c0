#if HTTPTransport
internal import NIOCore
internal import NIOHTTP1
internal import NIOTLS
internal import Synchronization
internal import WebhookDelivery
internal import WebhookLimits
internal import WebhookPayload
internal import WebhookRetries

/// One request for a connection, and where its response goes.
final class HTTPExchange: Sendable {
    struct Result: Sendable {
        let response: WebhookResponse
        /// Whether the connection may serve another request.
        let isReusable: Bool
    }

    let request: WebhookRequest
    let deadline: NIODeadline
    let promise: EventLoopPromise<Result>
    private let accepted = Mutex(false)

    init(request: WebhookRequest, deadline: NIODeadline, promise: EventLoopPromise<Result>) {
        self.request = request
        self.deadline = deadline
        self.promise = promise
    }

    /// Whether the connection has taken the request: from then on, bytes of it may have left.
    var isAccepted: Bool { accepted.withLock { $0 } }

    func accept() { accepted.withLock { $0 = true } }
}

/// The connection was closed before the request was written: not one byte of it has left.
struct StaleConnection: Error {}

/// One connection's side of HTTP: one exchange at a time, one deadline each, bounded reads.
///
/// What counts is the complete response head. A connection that breaks, stalls or never stops after a head has delivered
/// its status all the same; it is closed instead of drained.
final class HTTPConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundIn = HTTPExchange
    typealias OutboundOut = HTTPClientRequestPart

    private struct Active {
        let exchange: HTTPExchange
        let timer: Scheduled<Void>
        var head: HTTPResponseHead?
        var body: [UInt8] = []
        /// A server may answer before it has read everything; what is still unsent would stand before the next request.
        var isWritten = false
    }

    private var active: Active?
    /// Completed when requests may be sent: after the TLS handshake, if there is one.
    private let ready: EventLoopPromise<Void>
    private let isSecure: Bool

    init(isSecure: Bool, ready: EventLoopPromise<Void>) {
        self.isSecure = isSecure
        self.ready = ready
    }

    func channelActive(context: ChannelHandlerContext) {
        if !isSecure { ready.succeed() }
        context.fireChannelActive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent { ready.succeed() }
        context.fireUserInboundEventTriggered(event)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let exchange = Self.unwrapOutboundIn(data)
        guard context.channel.isActive, active == nil else {
            exchange.promise.fail(StaleConnection())
            promise?.fail(StaleConnection())
            return
        }
        exchange.accept()
        let loopBound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let timer = context.eventLoop.scheduleTask(deadline: exchange.deadline) {
            let (handler, context) = loopBound.value
            handler.deadlinePassed(context)
        }
        active = Active(exchange: exchange, timer: timer)
        let request = exchange.request
        context.write(Self.wrapOutboundOut(.head(Self.head(of: request))), promise: nil)
        context.write(
            Self.wrapOutboundOut(.body(.byteBuffer(context.channel.allocator.buffer(bytes: request.body)))),
            promise: nil)
        let written = context.write(Self.wrapOutboundOut(.end(nil)))
        written.assumeIsolated().whenSuccess { self.active?.isWritten = true }
        written.cascade(to: promise)
    }

    private static func head(of request: WebhookRequest) -> HTTPRequestHead {
        let url = request.url
        let isImplied = url.port == (url.isSecure ? 443 : 80)
        var headers = HTTPHeaders()
        headers.add(name: "Host", value: url.authority + (isImplied ? "" : ":\(url.port)"))
        for field in request.headers.fields { headers.add(name: field.name, value: field.value) }
        headers.add(name: "Content-Length", value: String(request.body.count))
        headers.add(name: "Accept-Encoding", value: "identity")
        return HTTPRequestHead(version: .http1_1, method: .POST, uri: url.target, headers: headers)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // A response that nobody asked for would be taken for the next request's.
        guard active != nil else { return context.close(promise: nil) }
        switch Self.unwrapInboundIn(data) {
        case .head(let head): active?.head = head
        case .body(let buffer):
            let room = WebhookResponse.maximumBodyLength - (active?.body.count ?? 0)
            active?.body.append(contentsOf: buffer.readableBytesView.prefix(room))
            if buffer.readableBytes > room { finish(context, isReusable: false) }
        case .end: finish(context, isReusable: (active?.head?.isKeepAlive ?? false) && (active?.isWritten ?? false))
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(context, TransportError(.connectionReset, "The connection was closed before the response"))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let failure = HTTPFailure.describe(error)
        ready.fail(failure)
        fail(context, failure)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        ready.fail(TransportError(isSecure ? .tlsHandshake : .connectionReset, "The peer closed the connection"))
    }

    private func deadlinePassed(_ context: ChannelHandlerContext) {
        fail(context, TransportError(.responseTimeout, "The response did not come in time"))
    }

    /// Ends the exchange without a complete body; with a complete head it has succeeded all the same.
    private func fail(_ context: ChannelHandlerContext, _ error: TransportError) {
        if active?.head != nil { return finish(context, isReusable: false) }
        let ended = takeActive()
        context.close(promise: nil)
        ended?.exchange.promise.fail(error)
    }

    private func finish(_ context: ChannelHandlerContext, isReusable: Bool) {
        guard let ended = takeActive(), let head = ended.head else { return context.close(promise: nil) }
        if !isReusable { context.close(promise: nil) }
        let response = WebhookResponse(
            status: Int(head.status.code), headers: HeaderFields(head.headers.map { ($0.name, $0.value) }),
            body: ended.body)
        ended.exchange.promise.succeed(HTTPExchange.Result(response: response, isReusable: isReusable))
    }

    private func takeActive() -> Active? {
        defer { active = nil }
        active?.timer.cancel()
        return active
    }
}
#endif
