#if HTTPTransport
#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL
internal import WebhookDelivery
internal import WebhookLimits
internal import WebhookRetries

/// Opens connections to addresses that were judged already.
struct HTTPConnector: Sendable {
    private let tls: Result<NIOSSLContext, any Error>

    init(rootCertificates: [UInt8]?) {
        self.tls = Result {
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.minimumTLSVersion = .tlsv12
            configuration.applicationProtocols = ["http/1.1"]
            if let rootCertificates {
                configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(rootCertificates))
            }
            return try NIOSSLContext(configuration: configuration)
        }
    }

    /// Connects to one address; the name in the URL is what TLS presents and verifies.
    func connect(
        to url: EndpointURL, _ address: IPAddress, on eventLoop: any EventLoop, _ deadline: NIODeadline
    ) async throws -> any Channel {
        let target = try SocketAddress(ipAddress: address.description, port: url.port)
        let context = url.isSecure ? try tls.get() : nil
        let ready = eventLoop.makePromise(of: Void.self)
        let connecting = ClientBootstrap(group: eventLoop)
            .connectTimeout(max(.nanoseconds(1), deadline - .now()))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let context {
                        let name = url.address == nil ? url.host : nil
                        try pipeline.addHandler(NIOSSLClientHandler(context: context, serverHostname: name))
                    }
                    try pipeline.addHTTPClientHandlers()
                    try pipeline.addHandler(HTTPConnectionHandler(isSecure: url.isSecure, ready: ready))
                }
            }
            .connect(to: target)
        connecting.cascadeFailure(to: ready)
        let channel = try await connecting.get()
        // The kernel connects where it is told to; something that translates addresses on the way might not.
        // A peer that has closed already has no address any more, and gets nothing.
        if let peer = channel.remoteAddress, peer != target {
            channel.close(promise: nil)
            throw TransportError(.blockedAddress, "The connection led to another address than the one that was checked")
        }
        do {
            try await eventLoop.race(ready.futureResult, deadline) {
                TransportError(.connectTimeout, "The TLS handshake took too long")
            }
        } catch {
            channel.close(promise: nil)
            throw error
        }
        return channel
    }
}

/// Puts errors of the network stack into the terms of the engine.
enum HTTPFailure {
    static func describe(_ error: any Error) -> TransportError {
        switch error {
        case let error as TransportError: error
        case let error as ChannelError where error.isConnectTimeout:
            TransportError(.connectTimeout, "The connection was not made in time")
        case let error as IOError where error.errnoCode == ECONNREFUSED:
            TransportError(.connectionRefused, "The connection was refused")
        case is IOError, is ChannelError, is StaleConnection: TransportError(.connectionReset, "The connection broke")
        case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError:
            TransportError(.tlsHandshake, "TLS could not be agreed on: \(error)")
        case is HTTPParserError: TransportError(.invalidResponse, "The peer does not speak HTTP/1.1")
        default: TransportError(.unknown, "\(type(of: error))")
        }
    }
}

extension ChannelError {
    fileprivate var isConnectTimeout: Bool { if case .connectTimeout = self { true } else { false } }
}
#endif
