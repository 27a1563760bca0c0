import NIOCore
import NIOHTTP1
import NIOPosix
import WebhookReceiving

/// A small HTTP/1.1 server that limits the length of bodies and passes requests to a closure.
struct HTTPServer {
    struct Request: Sendable {
        let method: String
        let path: String
        let headers: HeaderFields
        var body: [UInt8] = []
        let isKeepAlive: Bool
    }

    struct Response: Sendable {
        let status: Int
        var headers: HeaderFields = [:]
        let body: [UInt8]
    }

    private typealias Connection = NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>

    /// Returns an early response, given the body's length so far; `nil` continues reading.
    let refuse: @Sendable (Request, _ length: Int) -> Response?
    /// Returns the response to a request; `nil` closes the connection without a response.
    let respond: @Sendable (Request) async -> Response?

    /// Serves until the task is cancelled.
    func run(port: Int, ready: @Sendable (_ port: Int) -> Void) async throws {
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .bind(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    return try Connection(wrappingChannelSynchronously: channel)
                }
            }
        ready(listener.channel.localAddress?.port ?? 0)
        try await withThrowingDiscardingTaskGroup { group in
            try await listener.executeThenClose { connections in
                for try await connection in connections {
                    group.addTask { await serve(connection) }
                }
            }
        }
    }

    private func serve(_ connection: Connection) async {
        // Ignore clients that disconnect.
        try? await connection.executeThenClose { parts, output in
            var current: Request?
            for try await part in parts {
                switch part {
                case .head(let head):
                    let request = Request(
                        method: head.method.rawValue, path: head.uri,
                        headers: HeaderFields(head.headers.map { ($0.name, $0.value) }), isKeepAlive: head.isKeepAlive)
                    let announced = head.headers.first(name: "Content-Length").flatMap { Int($0) } ?? 0
                    if let response = refuse(request, announced) {
                        return try await send(response, to: output, close: true)
                    }
                    current = request
                case .body(let buffer):
                    guard var request = current.take() else { return }
                    request.body.append(contentsOf: buffer.readableBytesView)
                    if let response = refuse(request, request.body.count) {
                        return try await send(response, to: output, close: true)
                    }
                    current = request
                case .end:
                    guard let request = current.take(), let response = await respond(request) else { return }
                    try await send(response, to: output, close: !request.isKeepAlive)
                    if !request.isKeepAlive { return }
                }
            }
        }
    }

    private func send(
        _ response: Response, to output: NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>, close: Bool
    ) async throws {
        var headers = HTTPHeaders(response.headers.lines.map { ($0.name, $0.value) })
        headers.add(name: "Content-Length", value: String(response.body.count))
        if close { headers.add(name: "Connection", value: "close") }
        let head = HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: response.status), headers: headers)
        try await output.write(.head(head))
        try await output.write(.body(.byteBuffer(ByteBuffer(bytes: response.body))))
        try await output.write(.end(nil))
    }
}
