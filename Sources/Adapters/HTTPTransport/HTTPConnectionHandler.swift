#if HTTPTransport
internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL
internal import NIOTLS
internal import WebhookDelivery
internal import WebhookLimits
internal import WebhookPayload
internal import WebhookRetries

/// One request for a connection, and where its response goes.
struct HTTPExchange: Sendable {
    struct Result: Sendable {
        let response: WebhookResponse
        /// Whether the connection may serve another request.
        let isReusable: Bool
    }

    let request: WebhookRequest
    let deadline: NIODeadline
    let promise: EventLoopPromise<Result>
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
    }

    private var active: Active?
    private var isHandshakeDone: Bool

    init(isSecure: Bool) {
        self.isHandshakeDone = !isSecure
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let exchange = Self.unwrapOutboundIn(data)
        guard context.channel.isActive, active == nil else { return exchange.promise.fail(StaleConnection()) }
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
        context.write(Self.wrapOutboundOut(.end(nil)), promise: promise)
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
        case .end: finish(context, isReusable: active?.head?.isKeepAlive ?? false)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent { isHandshakeDone = true }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        let failure: TransportFailure = isHandshakeDone ? .connectionReset : .tlsHandshake
        fail(context, TransportError(failure, "The connection was closed before the response"))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(context, HTTPFailure.describe(error))
    }

    private func deadlinePassed(_ context: ChannelHandlerContext) {
        fail(
            context,
            isHandshakeDone
                ? TransportError(.responseTimeout, "The response did not come in time")
                : TransportError(.connectTimeout, "The TLS handshake took too long"))
    }

    /// Ends the exchange without a complete body; with a complete head it has succeeded all the same.
    private func fail(_ context: ChannelHandlerContext, _ error: TransportError) {
        if active?.head != nil { return finish(context, isReusable: false) }
        let exchange = takeActive()
        context.close(promise: nil)
        exchange?.exchange.promise.fail(error)
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
