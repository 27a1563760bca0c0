import AsyncHTTPClient
import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import TaskFlowWebhooks
import WebhookHTTPTransport

/// Posts 1 KB repeatedly and prints the requests per second.
///
/// Usage: TransportClient ours|ours-elsewhere|bare|engine|asynchttpclient URL CONCURRENCY SECONDS [ROOT.pem]
@main
struct TransportClient {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count >= 5, let concurrency = Int(arguments[3]), let seconds = Double(arguments[4]) else {
            print(
                "usage: TransportClient ours|ours-elsewhere|bare|engine|asynchttpclient URL CONCURRENCY SECONDS [ROOT.pem]"
            )
            return
        }
        let roots = arguments.count > 5 ? arguments[5] : nil
        switch arguments[1] {
        case "asynchttpclient":
            try await measure(asyncHTTPClient(arguments[2], roots), concurrency, seconds)
        case "engine", "bare":
            let (transport, isBare) = (try transport(roots), arguments[1] == "bare")
            let request = try await EngineRate.request(to: arguments[2])
            try await withTaskExecutorPreference(transport.taskExecutor) {
                if isBare {
                    return try await measure({ try await transport.send(request).status }, concurrency, seconds)
                }
                print(
                    try await Int(
                        EngineRate.engine(transport, url: arguments[2], concurrency: concurrency, seconds: seconds)))
            }
        case "ours-elsewhere": try await measure(ours(transport(roots), arguments[2]), concurrency, seconds)
        default:
            let transport = try transport(roots)
            try await withTaskExecutorPreference(transport.taskExecutor) {
                try await measure(ours(transport, arguments[2]), concurrency, seconds)
            }
        }
    }

    static func measure(
        _ send: @escaping @Sendable () async throws -> Int, _ concurrency: Int, _ seconds: Double
    ) async throws {
        _ = try await rate(send, concurrency, seconds: seconds / 4)
        print(try await Int(rate(send, concurrency, seconds: seconds)))
    }

    static let body = Array(repeating: UInt8(ascii: "x"), count: 1024)

    static func transport(_ roots: String?) throws -> HTTPTransport {
        var configuration = HTTPTransportConfiguration()
        configuration.eventLoopGroup = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        configuration.rootCertificates = try roots.map { Array(try Data(contentsOf: URL(fileURLWithPath: $0))) }
        return HTTPTransport(policy: .development, configuration: configuration)
    }

    /// Returns our transport with all its checks; the URL is validated before each request, as in the engine.
    static func ours(_ transport: HTTPTransport, _ url: String) throws -> @Sendable () async throws -> Int {
        let headers: HeaderFields = ["Content-Type": "application/json"]
        return {
            let request = WebhookRequest(
                url: try EndpointURL(url, policy: .development), headers: headers, body: body, timeout: .seconds(5))
            return try await transport.send(request).status
        }
    }

    static func asyncHTTPClient(_ url: String, _ roots: String?) throws -> @Sendable () async throws -> Int {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.httpVersion = .http1Only
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 1024
        if let roots {
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.trustRoots = .file(roots)
            configuration.tlsConfiguration = tls
        }
        let client = HTTPClient(
            eventLoopGroup: MultiThreadedEventLoopGroup(numberOfThreads: 1), configuration: configuration)
        return {
            var request = HTTPClientRequest(url: url)
            request.method = .POST
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: body))
            let response = try await client.execute(request, timeout: .seconds(5))
            _ = try await response.body.collect(upTo: 16_384)
            return Int(response.status.code)
        }
    }

    static func rate(
        _ send: @escaping @Sendable () async throws -> Int, _ concurrency: Int, seconds: Double
    ) async throws -> Double {
        let clock = ContinuousClock()
        let start = clock.now
        let end = start + .seconds(seconds)
        let total = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<concurrency {
                group.addTask {
                    var count = 0
                    while clock.now < end {
                        guard try await send() == 200 else { throw HTTPClientError.invalidURL }
                        count += 1
                    }
                    return count
                }
            }
            return try await group.reduce(0, +)
        }
        return Double(total) / ((clock.now - start) / .seconds(1))
    }
}
