#if AsyncHTTPClient
import AsyncHTTPClient
import NIOSSL
import Synchronization
import TaskFlowWebhooks
import Testing
import WebhookAsyncHTTPClient
import WebhookConformance

@Suite("AsyncHTTPClientTransport", .timeLimit(.minutes(2)))
struct AsyncHTTPClientTransportTests {
    /// The conformance cases that the client fails, as the transport documents.
    static let exceptions: Set<String> = [
        "A TLS handshake that stalls fails at the deadline",
        "Bytes after a response on a reused connection do not affect other requests",
        "A body of unclear length delays neither its own nor the next request",
        "Unusual or excessive header fields do not change the status",
        "Slow addresses of a healthy host can use the whole timeout, and the request is sent once",
        "Each address that stalls in the handshake costs only a short delay",
    ]

    @Test("A stalled handshake ends at the deadline, although the client does not report the phase")
    func stalledHandshake() async throws {
        let authority = try TestAuthority()
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: .webhooks(policy: .development))
        try await TestEndpoint.run(.stalledHandshake, certificate: authority.issue()) { endpoint in
            let transport = AsyncHTTPClientTransport(client: client, policy: .development)
            let request = WebhookRequest(
                url: try EndpointURL(endpoint.localhostURL, policy: .development), headers: [:], body: [],
                timeout: .seconds(1))
            let error = await #expect(throws: TransportError.self) { try await transport.send(request) }
            #expect(error.map { AttemptOutcome.failure($0.failure).kind } == .timeout)
        }
        // Only after the endpoint has stopped; otherwise the client would wait for the handshake.
        try await client.shutdown()
    }

    @Test("A look-up that ignores cancellation does not delay a request beyond its deadline")
    func stubbornLookUp() async throws {
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: .webhooks(policy: .development))
        let release = AsyncStream.makeStream(of: Void.self)
        let resolver = ClosureResolver { _ in
            // An unstructured task is not cancelled, like a call of `getaddrinfo`.
            await Task { for await _ in release.stream {} }.value
            return []
        }
        let transport = AsyncHTTPClientTransport(client: client, policy: .development, resolver: resolver)
        let request = WebhookRequest(
            url: try EndpointURL("http://slow.example.com/", policy: .development), headers: [:], body: [],
            timeout: .milliseconds(200))
        let error = await #expect(throws: TransportError.self) { try await transport.send(request) }
        #expect(error?.failure == .dnsTimeout)
        release.continuation.finish()
        try await client.shutdown()
    }

    @Test("A client that follows redirects is detected")
    func redirects() async throws {
        try await TestEndpoint.run(.ok) { canary in
            let answer = "HTTP/1.1 307 Moved\r\nLocation: \(canary.url)/\r\nContent-Length: 0\r\n\r\n"
            try await TestEndpoint.run(.answering(answer)) { endpoint in
                let client = HTTPClient(eventLoopGroupProvider: .singleton)
                let transport = AsyncHTTPClientTransport(client: client, policy: .development)
                let request = WebhookRequest(
                    url: try EndpointURL(endpoint.url, policy: .development), headers: [:], body: [],
                    timeout: .seconds(2))
                let error = await #expect(throws: TransportError.self) { try await transport.send(request) }
                #expect(error?.failure == .invalidResponse)
                try await client.shutdown()
            }
        }
    }

    @Test(
        "The transport passes the conformance cases, except for those it documents",
        arguments: TransportConformance.cases.filter { !exceptions.contains($0.name) })
    func conformance(_ example: TransportConformance.Case) async throws {
        let clients = Clients()
        let result: Result<Void, any Error>
        do {
            try await example.run { setup in
                var tls = TLSConfiguration.makeClientConfiguration()
                if !setup.rootCertificates.isEmpty {
                    tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(setup.rootCertificates))
                }
                let client = HTTPClient(
                    eventLoopGroupProvider: .singleton,
                    configuration: .webhooks(HTTPClient.Configuration(tlsConfiguration: tls), policy: setup.policy))
                clients.append(client)
                return AsyncHTTPClientTransport(
                    client: client, policy: setup.policy, resolver: ClosureResolver(lookup: setup.lookup))
            }
            result = .success(())
        } catch { result = .failure(error) }
        try await clients.shutDown()
        try result.get()
    }
}

/// A resolver that calls a closure.
private struct ClosureResolver: HostResolver {
    let lookup: @Sendable (String) async throws -> [IPAddress]

    func addresses(of host: String) async throws -> [IPAddress] { try await lookup(host) }
}

/// The clients of one test, which must be shut down.
private final class Clients: Sendable {
    private let clients = Mutex<[HTTPClient]>([])

    func append(_ client: HTTPClient) { clients.withLock { $0.append(client) } }

    func shutDown() async throws {
        for client in clients.withLock({ $0 }) { try await client.shutdown() }
    }
}
#endif
