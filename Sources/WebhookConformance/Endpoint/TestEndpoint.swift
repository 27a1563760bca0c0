internal import Synchronization

/// An HTTP endpoint on this machine that does exactly what a script says, byte by byte: for tests of transports.
///
/// It stands on threads and sockets of its own, so it goes on misbehaving while the code under test is busy.
///
/// ```swift
/// try await TestEndpoint.run(.answering("HTTP/1.1 204 No Content\r\n\r\n")) { endpoint in
///     let response = try await transport.send(request(to: endpoint.url))
/// }
/// ```
public final class TestEndpoint: Sendable {
    /// One request as it came.
    public struct Request: Sendable, Hashable {
        /// The request line and the header fields, up to the empty line.
        public let head: String
        /// The body, as long as `Content-Length` says.
        public let body: [UInt8]
    }

    /// The port on `127.0.0.1`.
    public let port: Int
    /// Whether it speaks TLS.
    public let isSecure: Bool
    private let log = Mutex(Log())

    private struct Log {
        var requests: [Request] = []
        var connectionCount = 0
        var isStopped = false
    }

    private init(port: Int, isSecure: Bool) {
        self.port = port
        self.isSecure = isSecure
    }

    /// Runs an endpoint while the body runs.
    ///
    /// - Parameters:
    ///   - script: What it does on each connection.
    ///   - certificate: What it proves itself with; plain HTTP without one.
    ///   - body: Uses it.
    /// - Returns: What the body returns.
    /// - Throws: ``TestEndpointError`` when the machine gives it no socket, and what the body throws.
    public static func run<Result>(
        _ script: Script, certificate: TestCertificate? = nil, _ body: (TestEndpoint) async throws -> Result
    ) async throws -> Result {
        try await run(inTurn: [script], certificate: certificate, body)
    }

    /// Runs an endpoint that does something else on each connection, while the body runs.
    ///
    /// - Parameters:
    ///   - scripts: What it does on its first connection, on its second, and so on; the last one on all others.
    ///   - certificate: What it proves itself with; plain HTTP without one.
    ///   - body: Uses it.
    /// - Returns: What the body returns.
    /// - Throws: ``TestEndpointError`` when the machine gives it no socket, and what the body throws.
    public static func run<Result>(
        inTurn scripts: [Script], certificate: TestCertificate? = nil, _ body: (TestEndpoint) async throws -> Result
    ) async throws -> Result {
        let listener = try ListeningSocket()
        let tls = try certificate.map { try TLSServer($0) }
        let endpoint = TestEndpoint(port: listener.port, isSecure: certificate != nil)
        defer { endpoint.log.withLock { $0.isStopped = true } }
        detachThread {
            while !endpoint.isStopped {
                guard let socket = listener.accept(within: .milliseconds(20)) else { continue }
                let number = endpoint.log.withLock { log in
                    defer { log.connectionCount += 1 }
                    return log.connectionCount
                }
                let script = number < scripts.count ? scripts[number] : scripts.last ?? .silent
                detachThread {
                    let connection = ScriptedConnection(socket, endpoint, tls)
                    if script.handshakes { connection.startTLS() }
                    connection.perform(script)
                }
            }
            listener.close()
        }
        return try await body(endpoint)
    }

    /// Where it is, by address.
    public var url: String { "\(isSecure ? "https" : "http")://127.0.0.1:\(port)" }

    /// Where it is, by name.
    public var namedURL: String { "\(isSecure ? "https" : "http")://localhost:\(port)" }

    /// The requests that have come completely, in order.
    public var requests: [Request] { log.withLock { $0.requests } }

    /// How many connections were made to it.
    public var connectionCount: Int { log.withLock { $0.connectionCount } }

    var isStopped: Bool { log.withLock { $0.isStopped } }

    func received(_ request: Request) { log.withLock { $0.requests.append(request) } }
}

/// Why there is no endpoint.
public struct TestEndpointError: Error, Sendable, CustomStringConvertible {
    /// What failed.
    public let description: String
}
