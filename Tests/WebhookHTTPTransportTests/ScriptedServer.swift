#if HTTPTransport
import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// A loopback server that speaks bytes, not HTTP: it can break every rule.
final class ScriptedServer: Sendable {
    enum Script: Sendable {
        /// Answers each request with these bytes and keeps the connection.
        case respond(String)
        /// Answers with these bytes and closes.
        case respondAndClose(String)
        /// Reads, and says nothing.
        case silent
        /// Sends these bytes one by one, and never more.
        case drip(String)
        /// Answers with the length of the request's body.
        case echoLength
    }

    struct Received: Sendable {
        let head: String
        let body: [UInt8]
    }

    private struct State {
        var requests: [Received] = []
        var connectionCount = 0
    }

    let port: Int
    let url: String
    private let state: StateBox

    fileprivate final class StateBox: Sendable {
        private let state = Mutex(State())
        fileprivate func connected() { state.withLock { $0.connectionCount += 1 } }
        fileprivate func received(_ request: Received) { state.withLock { $0.requests.append(request) } }
        fileprivate var requests: [Received] { state.withLock { $0.requests } }
        fileprivate var connectionCount: Int { state.withLock { $0.connectionCount } }
    }

    private init(port: Int, isSecure: Bool, state: StateBox) {
        self.port = port
        self.url = "\(isSecure ? "https" : "http")://127.0.0.1:\(port)"
        self.state = state
    }

    var requests: [Received] { state.requests }
    var connectionCount: Int { state.connectionCount }

    /// Runs a server for as long as the closure takes.
    static func with<Value: Sendable>(
        _ script: Script, certificate: TestCertificate? = nil, _ body: (ScriptedServer) async throws -> Value
    ) async throws -> Value {
        let state = StateBox()
        let tls = try certificate.map { try NIOSSLContext(configuration: $0.serverConfiguration()) }
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls)) }
                    try channel.pipeline.syncOperations.addHandler(Connection(script, state))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let server = ScriptedServer(port: channel.localAddress?.port ?? 0, isSecure: tls != nil, state: state)
        do {
            let value = try await body(server)
            try await channel.close()
            return value
        } catch {
            try await channel.close()
            throw error
        }
    }

    private final class Connection: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let script: Script
        private let state: StateBox
        private var received: [UInt8] = []

        init(_ script: Script, _ state: StateBox) {
            self.script = script
            self.state = state
        }

        func channelActive(context: ChannelHandlerContext) {
            state.connected()
            context.fireChannelActive()
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            received += Array(Self.unwrapInboundIn(data).readableBytesView)
            while let request = nextRequest() {
                state.received(request)
                answer(request, context)
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

        private func nextRequest() -> Received? {
            let text = String(decoding: received, as: UTF8.self)
            guard let end = text.range(of: "\r\n\r\n") else { return nil }
            let head = String(text[..<end.upperBound])
            let length = head.firstMatch(of: /Content-Length: (\d+)/).flatMap { Int($0.1) } ?? 0
            let headLength = head.utf8.count
            guard received.count >= headLength + length else { return nil }
            let body = Array(received[headLength..<headLength + length])
            received.removeFirst(headLength + length)
            return Received(head: head, body: body)
        }

        private func answer(_ request: Received, _ context: ChannelHandlerContext) {
            switch script {
            case .respond(let text): write(text, context)
            case .respondAndClose(let text):
                write(text, context)
                context.close(promise: nil)
            case .silent: break
            case .drip(let text): drip(Array(text.utf8)[...], context)
            case .echoLength:
                let length = String(request.body.count)
                write("HTTP/1.1 200 OK\r\nContent-Length: \(length.utf8.count)\r\n\r\n\(length)", context)
            }
        }

        private func drip(_ bytes: ArraySlice<UInt8>, _ context: ChannelHandlerContext) {
            guard let first = bytes.first, context.channel.isActive else { return }
            context.writeAndFlush(Self.wrapOutboundOut(ByteBuffer(bytes: [first])), promise: nil)
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            context.eventLoop.scheduleTask(in: .milliseconds(20)) {
                let (handler, context) = bound.value
                handler.drip(bytes.dropFirst(), context)
            }
        }

        private func write(_ text: String, _ context: ChannelHandlerContext) {
            context.writeAndFlush(Self.wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
        }
    }
}

/// A self-signed certificate, made by the `openssl` command for one test.
struct TestCertificate: Sendable {
    let certificate: [UInt8]
    private let key: [UInt8]

    static func make(name: String) throws -> TestCertificate {
        let folder = FileManager.default.temporaryDirectory.appending(path: "taskflow-tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.currentDirectoryURL = folder
        process.standardError = FileHandle.nullDevice
        process.arguments = [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
            "2", "-keyout", "key.pem", "-out", "cert.pem", "-subj", "/CN=\(name)", "-addext",
            "subjectAltName=DNS:\(name)",
        ]
        try process.run()
        process.waitUntilExit()
        return TestCertificate(
            certificate: [UInt8](try Data(contentsOf: folder.appending(path: "cert.pem"))),
            key: [UInt8](try Data(contentsOf: folder.appending(path: "key.pem"))))
    }

    func serverConfiguration() throws -> TLSConfiguration {
        TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMBytes(certificate).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: key, format: .pem)))
    }
}
#endif
