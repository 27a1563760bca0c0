#if HTTPTransport
internal import NIOCore
internal import NIOSSL
internal import WebhookDelivery
internal import WebhookHTTP1
internal import WebhookPayload
internal import WebhookRetries

/// A handler that opens a tunnel through a proxy (RFC 9110, section 9.3.6), and then removes itself.
final class ProxyTunnelHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let request: String
    private var tls: NIOSSLClientHandler?
    private var parser = ResponseParser()

    init(to key: EndpointKey, through proxy: EgressProxy, tls: NIOSSLClientHandler?) {
        let host = key.host.contains(":") ? "[\(key.host)]" : key.host
        let authorization = proxy.authorization.map { "Proxy-Authorization: \($0)\r\n" } ?? ""
        request = "CONNECT \(host):\(key.port) HTTP/1.1\r\nHost: \(host):\(key.port)\r\n\(authorization)\r\n"
        self.tls = tls
    }

    func channelActive(context: ChannelHandlerContext) {
        context.writeAndFlush(Self.wrapOutboundOut(ByteBuffer(string: request)), promise: nil)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = Self.unwrapInboundIn(data)
        do { try parser.receive(buffer.readableBytesUInt8Span) } catch {
            return fail(context, TransportError(.proxy, "The egress proxy does not speak HTTP/1.1"))
        }
        guard let head = parser.head else { return }
        guard (200...299).contains(head.status) else {
            // Smokescreen marks rejections by its policy with this field, as opposed to failures of the endpoint.
            let isRefused = head.fields["X-Smokescreen-Error"] != nil
            return fail(
                context,
                TransportError(isRefused ? .blockedAddress : .proxy, "The egress proxy answered with \(head.status)"))
        }
        // The endpoint sends nothing before the client does.
        guard parser.body.isEmpty else {
            return fail(context, TransportError(.proxy, "The egress proxy sent unexpected data"))
        }
        do {
            if let tls { try context.pipeline.syncOperations.addHandler(tls, position: .after(self)) }
        } catch {
            return fail(context, HTTPFailure.describe(error))
        }
        context.fireUserInboundEventTriggered(HTTPConnection.TunnelIsOpen(isSecure: tls != nil))
        tls = nil
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        context.fireErrorCaught(TransportError(.proxy, "The egress proxy closed the connection"))
        context.fireChannelInactive()
    }

    private func fail(_ context: ChannelHandlerContext, _ error: TransportError) {
        context.fireErrorCaught(error)
        context.close(promise: nil)
    }
}
#endif
