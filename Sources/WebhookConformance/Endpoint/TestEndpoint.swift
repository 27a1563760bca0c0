internal import Synchronization

/// A local HTTP endpoint that follows a script byte by byte, for tests of transports.
///
/// It uses its own threads and sockets, so it keeps following the script while the code under test is busy.
///
/// ```swift
/// try await TestEndpoint.run(.answering("HTTP/1.1 204 No Content\r\n\r\n")) { endpoint in
///     let response = try await transport.send(request(to: endpoint.url))
/// }
/// ```
public final class TestEndpoint: Sendable {
    /// One request as the endpoint received it.
    public struct Request: Sendable, Hashable {
        /// The request line and the header fields, up to the empty line.
        public let head: String
        /// The body, of the length that `Content-Length` specifies.
        public let body: [UInt8]
    }

    /// The port on `127.0.0.1`.
    public let port: Int
    /// Whether the endpoint speaks TLS.
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

    /// Runs an endpoint until the body returns.
    ///
    /// - Parameters:
    ///   - script: The script for every connection.
    ///   - certificate: The server certificate; `nil` for plain HTTP.
    ///   - body: The code that uses the endpoint.
    /// - Returns: The result of the body.
    /// - Throws: ``TestEndpointError`` when the endpoint cannot be started, and any error of the body.
    public static func run<Result>(
        _ script: Script, certificate: TestCertificate? = nil, _ body: (TestEndpoint) async throws -> Result
    ) async throws -> Result {
        try await run(inTurn: [script], certificate: certificate, body)
    }

    /// Runs an endpoint with a different script for each connection until the body returns.
    ///
    /// - Parameters:
    ///   - scripts: The scripts for the first connection, the second, and so on; the last one serves all others.
    ///   - certificate: The server certificate; `nil` for plain HTTP.
    ///   - body: The code that uses the endpoint.
    /// - Returns: The result of the body.
    /// - Throws: ``TestEndpointError`` when the endpoint cannot be started, and any error of the body.
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

    /// The endpoint's URL, with the IP address as the host.
    public var url: String { "\(isSecure ? "https" : "http")://127.0.0.1:\(port)" }

    /// The endpoint's URL, with `localhost` as the host.
    public var localhostURL: String { "\(isSecure ? "https" : "http")://localhost:\(port)" }

    /// The complete requests received so far, in order.
    public var requests: [Request] { log.withLock { $0.requests } }

    /// The number of connections accepted so far.
    public var connectionCount: Int { log.withLock { $0.connectionCount } }

    var isStopped: Bool { log.withLock { $0.isStopped } }

    func received(_ request: Request) { log.withLock { $0.requests.append(request) } }
}

/// A test endpoint or its certificate could not be created.
public struct TestEndpointError: Error, Sendable, CustomStringConvertible {
    /// The operation that failed.
    public let description: String
}
