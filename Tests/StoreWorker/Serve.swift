#if HTTPTransport && PostgreSQL && SQLite
import Foundation
import NIOCore
import NIOPosix

/// Runs an endpoint that reads every request and answers 200; prints its port.
func serve() async throws {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let channel = try await ServerBootstrap(group: group)
        .serverChannelOption(.backlog, value: 512)
        .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        .childChannelInitializer { channel in
            channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Answering()) }
        }
        .bind(host: "127.0.0.1", port: 0).get()
    FileHandle.standardOutput.write(Data("\(channel.localAddress?.port ?? 0)\n".utf8))
    try await channel.closeFuture.get()
}

private final class Answering: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private static let answer = ByteBuffer(string: "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    private var buffer = ByteBuffer()

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var data = unwrapInboundIn(data)
        buffer.writeBuffer(&data)
        while let end = end(of: buffer.readableBytesView) {
            buffer.moveReaderIndex(to: end)
            context.write(wrapOutboundOut(Self.answer), promise: nil)
        }
        buffer.discardReadBytes()
        context.flush()
    }

    /// Returns the end of the first request, once it is complete.
    private func end(of bytes: ByteBufferView) -> Int? {
        guard let headEnd = bytes.firstRange(of: Array("\r\n\r\n".utf8))?.upperBound else { return nil }
        let head = String(decoding: bytes[..<headEnd], as: UTF8.self).lowercased()
        guard let field = head.split(separator: "\r\n").first(where: { $0.hasPrefix("content-length:") }),
            let length = Int(field.split(separator: ":")[1].drop { $0 == " " })
        else { return nil }
        return headEnd + length <= bytes.endIndex ? headEnd + length : nil
    }
}
#endif
