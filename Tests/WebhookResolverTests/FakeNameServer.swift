#if HTTPTransport || AsyncHTTPClient
import NIOCore
import NIOPosix
import Synchronization
import TaskFlowWebhooks
import WebhookResolver

/// A local name server whose replies come from a closure.
final class FakeNameServer: Sendable {
    /// The reply to a question.
    enum Reply: Sendable {
        case addresses([IPAddress])
        case status(UInt16)
        case silence

        static let noData = Reply.status(0)
        static let serverFailure = Reply.status(2)
        static let noSuchName = Reply.status(3)
        static let refused = Reply.status(5)
    }

    /// One received question.
    struct Question: Sendable, Hashable {
        let name: String
        let isIPv6: Bool
        /// The port of the socket that sent the question.
        let source: Int
    }

    private let log = Mutex<[Question]>([])
    private let port = Mutex(0)
    private let arrivals = AsyncStream.makeStream(of: Question.self)

    /// Runs a server for the duration of the body.
    static func run<Result>(
        _ reply: @escaping @Sendable (String) -> Reply, _ body: (FakeNameServer) async throws -> Result
    ) async throws -> Result {
        let server = FakeNameServer()
        let channel = try await DatagramBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 2048))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(NameServerHandler(server, reply))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        server.port.withLock { $0 = channel.localAddress?.port ?? 0 }
        do {
            let result = try await body(server)
            try await channel.close()
            return result
        } catch {
            try? await channel.close()
            throw error
        }
    }

    /// The server's address, in the format of `NameServerSettings.servers`.
    var address: String { "127.0.0.1:\(port.withLock { $0 })" }

    /// Settings with this server only, and one query.
    var settings: NameServerSettings {
        var settings = NameServerSettings()
        settings.servers = address
        settings.timeoutMilliseconds = 5000
        settings.tries = 1
        return settings
    }

    /// The questions so far, in order.
    var questions: [Question] { log.withLock { $0 } }

    /// The requested names, in order and without adjacent duplicates.
    var names: [String] { questions.reduce(into: []) { if $0.last != $1.name { $0.append($1.name) } } }

    /// The questions as they arrive.
    var asked: AsyncStream<Question> { arrivals.stream }

    fileprivate func note(_ question: Question) {
        log.withLock { $0.append(question) }
        arrivals.continuation.yield(question)
    }
}

/// A handler that reads questions and writes replies (RFC 1035, section 4).
private final class NameServerHandler: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    typealias OutboundOut = AddressedEnvelope<ByteBuffer>

    private let server: FakeNameServer
    private let reply: @Sendable (String) -> FakeNameServer.Reply

    init(_ server: FakeNameServer, _ reply: @escaping @Sendable (String) -> FakeNameServer.Reply) {
        self.server = server
        self.reply = reply
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let envelope = Self.unwrapInboundIn(data)
        var buffer = envelope.data
        guard let id: UInt16 = buffer.readInteger(), buffer.readBytes(length: 10) != nil else { return }
        let questionStart = buffer.readerIndex
        var labels: [String] = []
        while let length: UInt8 = buffer.readInteger(), length > 0 {
            guard let label = buffer.readString(length: Int(length)) else { return }
            labels.append(label)
        }
        guard let type: UInt16 = buffer.readInteger(), buffer.readInteger(as: UInt16.self) != nil else { return }
        let question = envelope.data.getBytes(at: questionStart, length: buffer.readerIndex - questionStart) ?? []
        let name = labels.joined(separator: ".").lowercased()
        server.note(
            FakeNameServer.Question(name: name, isIPv6: type == 28, source: envelope.remoteAddress.port ?? 0))
        var addresses: [IPAddress] = []
        var status: UInt16 = 0
        switch reply(name) {
        case .silence: return
        case .status(let code): status = code
        case .addresses(let all): addresses = all.filter { ($0.family == .v6) == (type == 28) }
        }
        var answer = context.channel.allocator.buffer(capacity: 512)
        answer.writeInteger(id)
        answer.writeInteger(0x8180 | status)
        for count in [1, addresses.count, 0, 0] { answer.writeInteger(UInt16(count)) }
        answer.writeBytes(question)
        for address in addresses {
            // A pointer to the question's name, class IN, a TTL of one minute.
            answer.writeInteger(0xC00C as UInt16)
            answer.writeInteger(type)
            answer.writeInteger(1 as UInt16)
            answer.writeInteger(60 as UInt32)
            answer.writeInteger(UInt16(type == 28 ? 16 : 4))
            if type == 28 {
                answer.writeInteger(UInt64(address.value >> 64))
                answer.writeInteger(UInt64(truncatingIfNeeded: address.value))
            } else {
                answer.writeInteger(UInt32(truncatingIfNeeded: address.value))
            }
        }
        let response = AddressedEnvelope(remoteAddress: envelope.remoteAddress, data: answer)
        context.writeAndFlush(Self.wrapOutboundOut(response), promise: nil)
    }
}
#endif
