#if HTTPTransport
import Foundation
import NIOPosix
import Synchronization
import TaskFlowWebhooks
import Testing
import WebhookHTTPTransport
import WebhookConformance

@Suite("HTTPTransport", .timeLimit(.minutes(2)))
struct HTTPTransportTests {
    @Test("The transport passes every conformance case", arguments: TransportConformance.cases)
    func conformance(_ example: TransportConformance.Case) async throws {
        try await example.run { setup in
            var configuration = HTTPTransportConfiguration()
            configuration.rootCertificates = setup.rootCertificates.isEmpty ? nil : setup.rootCertificates
            return HTTPTransport(
                policy: setup.policy, configuration: configuration, resolver: ClosureResolver(lookup: setup.lookup))
        }
    }

    static func request(
        _ url: String, body: [UInt8] = Array("{}".utf8), timeout: Duration = .seconds(5)
    ) throws -> WebhookRequest {
        WebhookRequest(url: try EndpointURL(url, policy: .development), headers: [:], body: body, timeout: timeout)
    }

    static func failure(_ body: () async throws -> Void) async throws -> TransportFailure {
        try await #require(throws: TransportError.self) { try await body() }.failure
    }

    static func transport(
        resolver: any HostResolver = SystemResolver(), _ change: (inout HTTPTransportConfiguration) -> Void = { _ in }
    ) -> HTTPTransport {
        var configuration = HTTPTransportConfiguration()
        change(&configuration)
        return HTTPTransport(policy: .development, configuration: configuration, resolver: resolver)
    }

    @Test("The system's resolver finds this machine by name, and no address for an unregistered name")
    func systemResolver() async throws {
        try await TestEndpoint.run(.ok) { endpoint in
            let status = try await Self.transport().send(Self.request(endpoint.localhostURL)).status
            #expect(status == 200)
        }
        await #expect(throws: (any Error).self) { try await SystemResolver().addresses(of: "no-host.invalid") }
    }

    // MARK: - Connections

    @Test("An idle connection serves the next request, and the timings distinguish it from a new one")
    func keepAlive() async throws {
        try await TestEndpoint.run(.ok) { endpoint in
            let transport = Self.transport()
            let first = try await transport.send(Self.request(endpoint.localhostURL))
            let second = try await transport.send(Self.request(endpoint.localhostURL))
            #expect(endpoint.connectionCount == 1)
            let (new, kept) = (try #require(first.timings), try #require(second.timings))
            #expect(!new.isConnectionReused && new.lookup != nil && new.connect != nil && new.response != nil)
            #expect(kept.isConnectionReused && kept.lookup == nil && kept.response != nil)
        }
    }

    @Test("Without trusted certificates, a failure is this machine's; certificates installed later take effect")
    func trustStore() async throws {
        let authority = try TestAuthority()
        let folder = FileManager.default.temporaryDirectory.appending(path: "taskflow-trust-\(UUID())")
        let certificates = folder.appending(path: "certificates")
        try FileManager.default.createDirectory(at: certificates, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let store = TrustStore(paths: [folder.appending(path: "bundle.crt").path, certificates.path])
        try await TestEndpoint.run(.ok, certificate: authority.issue()) { endpoint in
            let transport = Self.transport { $0.trustStore = store }
            let request = try Self.request(endpoint.localhostURL)
            func failure() async -> TransportFailure? {
                do { _ = try await transport.send(request) } catch { return (error as? TransportError)?.failure }
                return nil
            }
            #expect(await failure() == .noTrustStore, "no file, and an empty folder")
            let link = certificates.appending(path: "gone.pem")
            try FileManager.default.createSymbolicLink(at: link, withDestinationURL: folder.appending(path: "nowhere"))
            #expect(await failure() == .noTrustStore, "a broken link")
            let bundle = folder.appending(path: "bundle.crt")
            try Data(TestAuthority().pem).write(to: bundle)
            #expect(await failure() == .tlsUntrusted, "another authority is trusted")
            try Data().write(to: bundle)
            #expect(await failure() == .noTrustStore, "the store is gone")
            try Data(authority.pem).write(to: bundle)
            #expect(await failure() == nil)
        }
    }

    // After each of these, the next response could begin at the wrong position.
    @Test(
        "A connection is not reused after an irregular response",
        arguments: [
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: Close\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: x, close\r\n\r\n",
            "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 200 OK\nContent-Length: 0\n\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Length: 2\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 0, 2\r\n\r\n", "HTTP/1.1 204 X\r\nContent-Length: 2\r\n\r\n",
            "HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nX : a\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: +0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\na\n0\n\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 500 Unasked\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 20000\r\n\r\n" + String(repeating: "x", count: 20_000),
        ])
    func oddEndings(answer: String) async throws {
        try await TestEndpoint.run(.answering(answer)) { endpoint in
            let transport = Self.transport()
            for number in 1...3 {
                let status = try await transport.send(Self.request(endpoint.url, timeout: .seconds(1))).status
                #expect([200, 204].contains(status))
                #expect(endpoint.connectionCount == number)
            }
        }
    }

    @Test("Without room to race, an unresponsive address still leaves time for the next one")
    func raceWithoutRoom() async throws {
        let authority = try TestAuthority()
        let answer = TestEndpoint.Script([.receive, .send(Array(Self.ok.utf8)), .hold])
        let certificate = try authority.issue("DNS:two.example.com")
        try await TestEndpoint.run(inTurn: [.stalledHandshake, answer], certificate: certificate) { endpoint in
            let loopback = IPAddress(v4: 0x7F00_0001)
            let transport = Self.transport(resolver: ClosureResolver { _ in [loopback, loopback] }) { configuration in
                configuration.rootCertificates = authority.pem
                configuration.maximumConnectionsPerEndpoint = 1
            }
            let request = try Self.request("https://two.example.com:\(endpoint.port)/", timeout: .seconds(2))
            #expect(try await transport.send(request).status == 200)
            #expect(endpoint.connectionCount == 2)
        }
    }

    @Test(
        "A connection is not reused in the half second before the close that its server announces",
        arguments: [("timeout=0", 3), ("max=9, timeout=0", 3), ("timeout=60", 1), ("timeout=-1", 1), ("max=3", 1)])
    func keepAlive(value: String, connections: Int) async throws {
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nKeep-Alive: \(value)\r\n\r\n"
        try await TestEndpoint.run(.answering(answer)) { endpoint in
            let transport = Self.transport()
            for _ in 1...3 { _ = try await transport.send(Self.request(endpoint.url)) }
            #expect(endpoint.connectionCount == connections)
        }
    }

    @Test("No request meets the close of a connection that its server has announced to keep for a second")
    func announcedClose() async throws {
        let answer = Array("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nKeep-Alive: timeout=1\r\n\r\n".utf8)
        // The server closes exactly a second after its response; the next request follows at about the same time.
        let script = TestEndpoint.Script([.receive, .send(answer), .pause(.seconds(1))])
        let slow = TestEndpoint.Script(
            [.receive, .pause(.milliseconds(995)), .send(Array(Self.ok.utf8))], repeats: true)
        try await TestEndpoint.run(script) { endpoint in
            try await TestEndpoint.run(slow) { clock in
                try await withThrowingTaskGroup { group in
                    for _ in 1...20 {
                        // A separate transport for each, because the server answers one request per connection.
                        let transport = Self.transport()
                        group.addTask {
                            for _ in 1...3 {
                                _ = try await transport.send(Self.request(endpoint.url))
                                // Waits as long as the server does, without a clock in the test.
                                _ = try await transport.send(Self.request(clock.url))
                            }
                        }
                    }
                    try await group.waitForAll()
                }
            }
        }
    }

    private static let ok = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

    @Test("Requests beyond the connection limits wait for their turn, but not beyond their deadline")
    func bounds() async throws {
        try await TestEndpoint.run(TestEndpoint.Script([.receive, .echoLength], repeats: true)) { endpoint in
            for bound in [\HTTPTransportConfiguration.maximumConnections, \.maximumConnectionsPerEndpoint] {
                let before = endpoint.connectionCount
                let transport = Self.transport { configuration in
                    configuration[keyPath: bound] = 3
                    configuration.eventLoopGroup = MultiThreadedEventLoopGroup.singleton.next()
                }
                try await withThrowingTaskGroup { group in
                    for length in 1...60 {
                        group.addTask {
                            let body = [UInt8](repeating: 0x20, count: length)
                            let response = try await transport.send(Self.request(endpoint.url, body: body))
                            #expect(response.body == Array(String(length).utf8))
                        }
                    }
                    try await group.waitForAll()
                }
                #expect(endpoint.connectionCount - before <= 3)
            }
        }
        try await TestEndpoint.run(.silent) { endpoint in
            let transport = Self.transport { $0.maximumConnectionsPerEndpoint = 1 }
            async let first = Self.failure {
                _ = try await transport.send(Self.request(endpoint.url, timeout: .seconds(2)))
            }
            while endpoint.requests.isEmpty { await Task.yield() }
            let second = try await Self.failure {
                _ = try await transport.send(Self.request(endpoint.url, timeout: .milliseconds(500)))
            }
            #expect(second == .saturated)
            #expect(try await first == .responseTimeout)
        }
    }

    @Test("An idle connection to one endpoint makes room for another endpoint")
    func eviction() async throws {
        try await TestEndpoint.run(.ok) { first in
            try await TestEndpoint.run(.ok) { second in
                let transport = Self.transport { configuration in
                    configuration.maximumConnections = 1
                    configuration.eventLoopGroup = MultiThreadedEventLoopGroup.singleton.next()
                }
                for endpoint in [first, second, first, second] {
                    let status = try await transport.send(Self.request(endpoint.url)).status
                    #expect(status == 200)
                }
                #expect(first.connectionCount + second.connectionCount == 4)
            }
        }
    }

    @Test("A busy endpoint makes room for another that has waited longer")
    func fairness() async throws {
        try await TestEndpoint.run(TestEndpoint.Script([.receive, .echoLength], repeats: true)) { busy in
            try await TestEndpoint.run(.ok) { other in
                let transport = Self.transport { configuration in
                    configuration.maximumConnections = 2
                    configuration.eventLoopGroup = MultiThreadedEventLoopGroup.singleton.next()
                }
                let isOver = Flag()
                try await withThrowingTaskGroup { group in
                    // There are more requests than connections, so that one always waits for the busy endpoint.
                    for _ in 0..<6 {
                        group.addTask {
                            while !isOver.isSet { _ = try await transport.send(Self.request(busy.url)) }
                        }
                    }
                    while busy.requests.count < 20 { await Task.yield() }
                    for _ in 0..<5 {
                        let response = try await transport.send(Self.request(other.url, timeout: .seconds(2)))
                        #expect(response.status == 200)
                    }
                    isOver.set()
                    try await group.waitForAll()
                }
            }
        }
    }

    @Test("If a reused connection accepts no byte, the request is sent over a new one and arrives once")
    func staleConnection() async throws {
        let script = TestEndpoint.Script([
            .receive, .send(Array("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".utf8)), .pause(.milliseconds(5)),
            .reset,
        ])
        try await TestEndpoint.run(script) { endpoint in
            let transport = Self.transport { $0.eventLoopGroup = MultiThreadedEventLoopGroup.singleton.next() }
            let statuses = try await withTaskExecutorPreference(transport.taskExecutor) {
                var statuses: [Int] = []
                for _ in 0..<10 {
                    statuses.append(try await transport.send(Self.request(endpoint.url)).status)
                    // Blocks the transport's thread, so that it cannot notice the reset before the next request.
                    let (clock, start) = (ContinuousClock(), ContinuousClock.now)
                    while clock.now - start < .milliseconds(50) {}
                }
                return statuses
            }
            #expect(statuses == Array(repeating: 200, count: 10))
            #expect(endpoint.requests.count == 10)
        }
    }

    @Test("An answer is used for its lifetime; after the address changes, connections to the old one are not reused")
    func maximumUncheckedClaimAge() async throws {
        try await TestEndpoint.run(.ok) { endpoint in
            let resolver = CountingResolver([IPAddress(v4: 0x7F00_0001)])
            let url = "http://hooks.example.com:\(endpoint.port)/"
            let lasting = Self.transport(resolver: resolver)
            for _ in 0..<3 { _ = try await lasting.send(Self.request(url)) }
            #expect(resolver.count == 1)
            #expect(endpoint.requests.last?.head.contains("Host: hooks.example.com:\(endpoint.port)\r\n") == true)

            let fleeting = Self.transport(resolver: resolver) { $0.addressCacheLifetime = .zero }
            for _ in 0..<3 { _ = try await fleeting.send(Self.request(url)) }
            #expect(resolver.count == 4)
            #expect(endpoint.connectionCount == 2, "the address is the same, so the connection is reused")
            // Nothing listens at this address, although the idle connection would still work.
            resolver.answers = [IPAddress(v4: 0x7F00_0002)]
            let moved = try await Self.failure { _ = try await fleeting.send(Self.request(url)) }
            #expect(moved == .connectionRefused)
            resolver.answers = [IPAddress(v4: 0x0A00_0001)]
            let blocked = try await Self.failure { _ = try await fleeting.send(Self.request(url)) }
            #expect(blocked == .blockedAddress)
        }
    }

    @Test("A failed look-up is cached briefly, and a hanging one is cancelled when no request needs it")
    func failedLookUps() async throws {
        let resolver = CountingResolver([])
        let transport = Self.transport(resolver: resolver)
        for _ in 0..<20 {
            let failure = try await Self.failure {
                _ = try await transport.send(Self.request("http://nowhere.example.com/"))
            }
            #expect(failure == .dnsFailure)
        }
        #expect(resolver.count < 20)

        let wasCancelled = AsyncStream.makeStream(of: Void.self)
        let hanging = Self.transport(
            resolver: ClosureResolver { _ in
                defer { wasCancelled.continuation.finish() }
                while true { try await ContinuousClock().sleep(for: .seconds(60)) }
            })
        let failure = try await Self.failure {
            _ = try await hanging.send(Self.request("http://slow.example.com/", timeout: .milliseconds(200)))
        }
        #expect(failure == .dnsTimeout)
        for await _ in wasCancelled.stream {}
    }

    @Test("Tasks can run on the transport's thread")
    func taskExecutor() async throws {
        try await TestEndpoint.run(TestEndpoint.Script([.receive, .echoLength], repeats: true)) { endpoint in
            let transport = Self.transport()
            try await withTaskExecutorPreference(transport.taskExecutor) {
                try await withThrowingTaskGroup { group in
                    for length in 1...50 {
                        group.addTask {
                            let body = [UInt8](repeating: 0x20, count: length)
                            let response = try await transport.send(Self.request(endpoint.url, body: body))
                            #expect(response.body == Array(String(length).utf8))
                        }
                    }
                    try await group.waitForAll()
                }
            }
        }
    }

    // MARK: - TLS

    @Test("Endpoints can require a client certificate")
    func clientCertificate() async throws {
        let authority = try TestAuthority()
        let certificate = try authority.issue("DNS:sender.example.com")
        try await TestEndpoint.run(.ok, certificate: authority.issue().requiringClientCertificates(of: authority)) {
            endpoint in
            let known = Self.transport { configuration in
                configuration.rootCertificates = authority.pem
                configuration.clientCertificate = ClientCertificate(
                    chain: certificate.pem, privateKey: certificate.privateKeyPEM)
            }
            let status = try await known.send(Self.request(endpoint.localhostURL)).status
            #expect(status == 200)
            let stranger = Self.transport { $0.rootCertificates = authority.pem }
            let failure = try await Self.failure { _ = try await stranger.send(Self.request(endpoint.localhostURL)) }
            #expect([.tlsHandshake, .connectionReset].contains(failure))
            #expect(endpoint.requests.count == 1)
        }
    }

    @Test("Each problem with a certificate has its own failure")
    func certificateFailures() async throws {
        let authority = try TestAuthority()
        let cases: [(TestCertificate, TransportFailure)] = [
            (try authority.issue(validUntil: .seconds(-60)), .tlsCertificateExpired),
            (try authority.issue("DNS:other.example.com"), .tlsHostnameMismatch), (try .selfSigned(), .tlsUntrusted),
        ]
        for (certificate, expected) in cases {
            try await TestEndpoint.run(.ok, certificate: certificate) { endpoint in
                let transport = Self.transport { $0.rootCertificates = authority.pem }
                let failure = try await Self.failure {
                    _ = try await transport.send(Self.request(endpoint.localhostURL))
                }
                #expect(failure == expected)
            }
        }
    }

    // MARK: - Proxy

    @Test("The request is sent through a tunnel of the egress proxy to the name")
    func proxy() async throws {
        let tunnel = Array("HTTP/1.1 200 Connected\r\n\r\n".utf8)
        let answer = Array("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n".utf8)
        let script = TestEndpoint.Script([.receive, .send(tunnel), .receive, .send(answer), .hold])
        try await TestEndpoint.run(script) { proxy in
            let transport = Self.transport(resolver: CountingResolver([])) { configuration in
                configuration.proxy = EgressProxy(host: "127.0.0.1", port: proxy.port, authorization: "Basic eDp5")
            }
            let status = try await transport.send(Self.request("http://hooks.example.com:8080/x")).status
            #expect(status == 202)
            #expect(
                proxy.requests.map(\.head).first
                    == "CONNECT hooks.example.com:8080 HTTP/1.1\r\nHost: hooks.example.com:8080\r\n"
                    + "Proxy-Authorization: Basic eDp5\r\n\r\n")
            #expect(proxy.requests.last?.head.hasPrefix("POST /x HTTP/1.1\r\nHost: hooks.example.com:8080\r\n") == true)
            #expect(proxy.requests.last?.head.contains("Proxy-Authorization") == false)
        }
    }

    @Test("TLS runs through the tunnel to the endpoint, not to the proxy")
    func proxyTLS() async throws {
        let authority = try TestAuthority()
        let tunnel = Array("HTTP/1.1 200 Connected\r\n\r\n".utf8)
        let answer = Array("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n".utf8)
        let script = TestEndpoint.Script(
            [.receive, .send(tunnel), .startTLS, .receive, .send(answer), .hold], handshakes: false)
        try await TestEndpoint.run(script, certificate: authority.issue("DNS:hooks.example.com")) { proxy in
            let transport = Self.transport { configuration in
                configuration.rootCertificates = authority.pem
                configuration.proxy = EgressProxy(host: "127.0.0.1", port: proxy.port)
            }
            let status = try await transport.send(Self.request("https://hooks.example.com/x")).status
            #expect(status == 202)
        }
    }

    @Test("An unreachable proxy is not the endpoint's failure")
    func absentProxy() async throws {
        for (host, answers) in [("proxy.example.com", []), ("127.0.0.1", [IPAddress(v4: 0x7F00_0001)])] {
            let transport = Self.transport(resolver: CountingResolver(answers)) { configuration in
                // Nothing listens on this port, because it requires special rights.
                configuration.proxy = EgressProxy(host: host, port: 1)
            }
            let failure = try await Self.failure {
                _ = try await transport.send(Self.request("https://hooks.example.com/", timeout: .seconds(2)))
            }
            #expect(failure == .proxy)
        }
    }

    @Test("An address cannot be verified through a proxy")
    func proxyAndAddress() async throws {
        try await TestEndpoint.run(.ok) { proxy in
            let transport = Self.transport { $0.proxy = EgressProxy(host: "127.0.0.1", port: proxy.port) }
            let failure = try await Self.failure { _ = try await transport.send(Self.request("https://8.8.8.8/")) }
            #expect(failure == .proxy)
            #expect(proxy.requests.isEmpty)
        }
    }

    @Test(
        "A rejection by the proxy is not the endpoint's failure, unless the proxy names its policy",
        arguments: [
            ("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n", TransportFailure.proxy),
            ("HTTP/1.1 407 Denied\r\nX-Smokescreen-Error: denied\r\nContent-Length: 0\r\n\r\n", .blockedAddress),
            ("", .proxy), ("HTTP/1.1 2", .proxy), ("garbage\r\n\r\n", .proxy),
            ("HTTP/1.1 200 OK\r\n\r\nunasked", .proxy),
        ])
    func proxyRefuses(answer: String, expected: TransportFailure) async throws {
        try await TestEndpoint.run(.answeringOnce(answer)) { proxy in
            let transport = Self.transport { $0.proxy = EgressProxy(host: "127.0.0.1", port: proxy.port) }
            let failure = try await Self.failure {
                _ = try await transport.send(Self.request("https://hooks.example.com/", timeout: .seconds(2)))
            }
            #expect(failure == expected)
        }
    }
}

/// A flag that one task sets and other tasks read.
final class Flag: Sendable {
    private let state = Mutex(false)

    var isSet: Bool { state.withLock { $0 } }

    func set() { state.withLock { $0 = true } }
}

/// A resolver that calls a closure.
struct ClosureResolver: HostResolver {
    let lookup: @Sendable (String) async throws -> [IPAddress]

    func addresses(of host: String) async throws -> [IPAddress] { try await lookup(host) }
}

/// A resolver that answers every look-up with the same addresses, and counts the look-ups.
final class CountingResolver: HostResolver {
    private let state: Mutex<(answers: [IPAddress], count: Int)>

    init(_ answers: [IPAddress]) { state = Mutex((answers, 0)) }

    var count: Int { state.withLock { $0.count } }

    var answers: [IPAddress] {
        get { state.withLock { $0.answers } }
        set { state.withLock { $0.answers = newValue } }
    }

    func addresses(of host: String) async throws -> [IPAddress] {
        state.withLock { state in
            state.count += 1
            return state.answers
        }
    }
}
#endif
