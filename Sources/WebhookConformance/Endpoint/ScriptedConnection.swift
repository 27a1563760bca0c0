/// One connection to a test endpoint, served by its own thread.
final class ScriptedConnection {
    /// How often a waiting connection checks whether its endpoint was stopped.
    private static let pollInterval = Duration.milliseconds(20)

    private let socket: ConnectedSocket
    private let endpoint: TestEndpoint
    private let server: TLSServer?
    private var tls: TLSSession?
    private var received: [UInt8] = []
    private var isClosed = false
    private var latestBodyLength = 0

    init(_ socket: ConnectedSocket, _ endpoint: TestEndpoint, _ server: TLSServer?) {
        self.socket = socket
        self.endpoint = endpoint
        self.server = server
    }

    deinit {
        tls?.close()
        socket.close()
    }

    /// Performs the TLS handshake, if there is a certificate; if the handshake fails, the connection is closed.
    func startTLS() {
        guard let server else { return }
        tls = TLSSession(server, socket)
        isClosed = tls == nil
    }

    func perform(_ script: TestEndpoint.Script) {
        repeat {
            for step in script.steps where !isClosed { perform(step) }
        } while script.repeats && !isClosed && !endpoint.isStopped
    }

    private func perform(_ step: TestEndpoint.Step) {
        switch step {
        case .receive: receive()
        case .receiveHead: while headLength == nil, !isClosed, !endpoint.isStopped { readMore() }
        case .send(let bytes): send(bytes)
        case .drip(let bytes, let interval):
            for byte in bytes where !isClosed {
                send([byte])
                pause(interval)
            }
        case .flood(let bytes): while !isClosed, !endpoint.isStopped { send(bytes) }
        case .startTLS: startTLS()
        case .echoLength:
            let length = String(latestBodyLength)
            send(Array("HTTP/1.1 200 OK\r\nContent-Length: \(length.utf8.count)\r\n\r\n\(length)".utf8))
        case .pause(let time): pause(time)
        case .hold: while !isClosed, !endpoint.isStopped { readMore() }
        case .cut:
            tls = nil
            isClosed = true
        case .reset:
            socket.reset()
            isClosed = true
        }
    }

    private func receive() {
        while !isClosed, !endpoint.isStopped {
            if let request = nextRequest() { return endpoint.received(request) }
            readMore()
        }
    }

    /// The length of the received head, or `nil` while it is incomplete.
    private var headLength: Int? {
        let end = Array("\r\n\r\n".utf8)
        guard received.count >= end.count,
            let start = (0...received.count - end.count).first(where: {
                received[$0..<$0 + end.count].elementsEqual(end)
            })
        else { return nil }
        return start + end.count
    }

    private func nextRequest() -> TestEndpoint.Request? {
        guard let headLength else { return nil }
        let head = String(decoding: received[..<headLength], as: UTF8.self)
        let field = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
        let length = field.flatMap { Int($0.drop { $0 != ":" }.dropFirst().drop { $0 == " " }) } ?? 0
        guard length >= 0, received.count - headLength >= length else { return nil }
        let body = Array(received[headLength..<headLength + length])
        received.removeFirst(headLength + length)
        latestBodyLength = length
        return TestEndpoint.Request(head: head, body: body)
    }

    private func readMore() {
        guard tls?.hasPending == true || socket.isReadable(within: Self.pollInterval) else { return }
        let bytes = tls.map { $0.read() } ?? socket.read()
        if bytes.isEmpty { isClosed = true } else { received += bytes }
    }

    private func send(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty, !isClosed, !endpoint.isStopped {
            guard socket.isWritable(within: Self.pollInterval) else { continue }
            let count = tls.map { $0.write(Array(rest)) } ?? socket.write(Array(rest))
            if count <= 0 { isClosed = true } else { rest = rest.dropFirst(count) }
        }
    }

    /// Waits, but returns early if the peer disconnects.
    private func pause(_ interval: Duration) {
        if socket.isBroken(within: interval) { isClosed = true }
    }
}
