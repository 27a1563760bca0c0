#if HTTPTransport
import NIOCore
import Synchronization
import TaskFlowWebhooks
import Testing
import WebhookHTTPTransport
import WebhookTesting

@Suite("HTTPTransport", .timeLimit(.minutes(1)))
struct HTTPTransportTests {
    static func request(
        _ url: String, body: [UInt8] = Array("{}".utf8), timeout: Duration = .seconds(5)
    ) throws -> WebhookRequest {
        WebhookRequest(
            url: try EndpointURL(url, policy: .development), headers: ["X-TaskFlow-Event": "task.created"], body: body,
            timeout: timeout)
    }

    static func failure(_ body: () async throws -> Void) async throws -> TransportFailure {
        let error = try await #require(throws: TransportError.self) { try await body() }
        return error.failure
    }

    @Test("A request arrives as it was given, and its response comes back")
    func exchange() async throws {
        let body = Array("{\"é\":\"\u{1F600}\"}".utf8) + [0xFF, 0x00]
        try await ScriptedServer.with(.respond("HTTP/1.1 200 OK\r\nX-A: b\r\nContent-Length: 2\r\n\r\nok")) { server in
            let transport = HTTPTransport(policy: .development)
            let response = try await transport.send(Self.request("\(server.url)/a/b?c=d", body: body))
            #expect(response.status == 200)
            #expect(response.headers["x-a"] == "b")
            #expect(response.body == Array("ok".utf8))
            let received = try #require(server.requests.first)
            #expect(received.head.hasPrefix("POST /a/b?c=d HTTP/1.1\r\n"))
            #expect(received.head.contains("Host: 127.0.0.1:\(server.port)\r\n"))
            #expect(received.head.contains("X-TaskFlow-Event: task.created\r\n"))
            #expect(received.head.contains("Content-Length: \(body.count)\r\n"))
            #expect(received.body == body)
        }
    }

    @Test("A kept connection serves the next request; one that the server closed is not tried twice")
    func keepAlive() async throws {
        let transport = HTTPTransport(policy: .development)
        try await ScriptedServer.with(.respond("HTTP/1.1 204 No Content\r\n\r\n")) { server in
            for _ in 0..<5 {
                let status = try await transport.send(Self.request(server.url)).status
                #expect(status == 204)
            }
            #expect(server.connectionCount == 1)
        }
        let goodbye = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        try await ScriptedServer.with(.respondAndClose(goodbye)) { server in
            for _ in 0..<5 {
                let status = try await transport.send(Self.request(server.url)).status
                #expect(status == 200)
            }
            #expect(server.requests.count == 5)
        }
    }

    @Test("Redirects come back as they are and are not followed", arguments: [301, 302, 303, 307, 308])
    func redirects(status: Int) async throws {
        try await ScriptedServer.with(.respond("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")) { canary in
            let answer = "HTTP/1.1 \(status) Moved\r\nLocation: \(canary.url)/\r\nContent-Length: 0\r\n\r\n"
            try await ScriptedServer.with(.respond(answer)) { server in
                let transport = HTTPTransport(policy: .development)
                let answered = try await transport.send(Self.request(server.url)).status
                #expect(answered == status)
                #expect(canary.connectionCount == 0)
            }
        }
    }

    @Test("An answer that does not come, or comes in drops, ends at the deadline")
    func deadlines() async throws {
        let transport = HTTPTransport(policy: .development)
        for script in [ScriptedServer.Script.silent, .drip("HTTP/1.1 200 OK\r\nX-Slow: yes\r\n")] {
            try await ScriptedServer.with(script) { server in
                let clock = SystemClock()
                let begin = clock.uptime
                let failure = try await Self.failure {
                    _ = try await transport.send(Self.request(server.url, timeout: .seconds(1)))
                }
                #expect(failure == .responseTimeout)
                #expect(clock.uptime - begin >= .seconds(1))
            }
        }
    }

    @Test("The outcome is fixed by a complete head: a body that breaks off, stalls or never ends is still a success")
    func bodies() async throws {
        let transport = HTTPTransport(policy: .development)
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n"
        let chunk = String(repeating: "x", count: 65_536)
        for script in [ScriptedServer.Script.respondAndClose(head), .respond(head), .respond(head + chunk)] {
            try await ScriptedServer.with(script) { server in
                let response = try await transport.send(Self.request(server.url, timeout: .seconds(2)))
                #expect(response.status == 200)
                #expect(response.body.count <= WebhookResponse.maximumBodyLength)
            }
        }
    }

    @Test("A connection that breaks at any byte of the head is a reset, never a success")
    func resets() async throws {
        let transport = HTTPTransport(policy: .development)
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
        for length in 0..<answer.utf8.count {
            try await ScriptedServer.with(
                .respondAndClose(String(decoding: Array(answer.utf8)[..<length], as: UTF8.self))
            ) { server in
                let failure = try await Self.failure { _ = try await transport.send(Self.request(server.url)) }
                #expect(
                    [.connectionReset, .invalidResponse].contains(failure), "after \(length) bytes: \(failure)")
            }
        }
    }

    @Test(
        "What is not HTTP/1.1 is an invalid response",
        arguments: [
            "SSH-2.0-OpenSSH_9\r\n\r\n", "HTTP/1.1 abc OK\r\n\r\n", "\0\0\0\0\0\0\0\0", "<html>hello</html>\r\n\r\n",
        ])
    func garbage(answer: String) async throws {
        let transport = HTTPTransport(policy: .development)
        try await ScriptedServer.with(.respondAndClose(answer)) { server in
            let failure = try await Self.failure { _ = try await transport.send(Self.request(server.url)) }
            #expect(failure == .invalidResponse)
        }
    }

    @Test("Interim responses are skipped")
    func interim() async throws {
        let answer =
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"
        try await ScriptedServer.with(.respond(answer)) { server in
            let status = try await HTTPTransport(policy: .development).send(Self.request(server.url)).status
            #expect(status == 202)
        }
    }

    @Test("A port that nobody listens at refuses")
    func refused() async throws {
        let port = try await ScriptedServer.with(.silent) { $0.port }
        let failure = try await Self.failure {
            _ = try await HTTPTransport(policy: .development).send(Self.request("http://127.0.0.1:\(port)/"))
        }
        #expect(failure == .connectionRefused)
    }

    @Test("A name is refused when any of its addresses is, and nothing is connected to")
    func blockedNames() async throws {
        try await ScriptedServer.with(.silent) { server in
            for addresses in [["127.0.0.1"], ["10.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["::ffff:8.8.8.8"]] {
                let resolver = FixedResolver(addresses.compactMap(IPAddress.init))
                let transport = HTTPTransport(policy: .production, resolver: resolver)
                let request = WebhookRequest(
                    url: try EndpointURL("http://public.example.com:\(server.port)/", policy: .development),
                    headers: [:],
                    body: [], timeout: .seconds(5))
                let failure = try await Self.failure { _ = try await transport.send(request) }
                #expect(failure == .blockedAddress)
            }
            #expect(server.connectionCount == 0)
        }
    }

    @Test("A name is looked up once a request, and the address that was judged is the one connected to")
    func resolver() async throws {
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
        try await ScriptedServer.with(.respond(answer)) { server in
            let resolver = FixedResolver([IPAddress(v4: 0x7F00_0001)])
            let transport = HTTPTransport(policy: .development, resolver: resolver)
            let status = try await transport.send(Self.request("http://hooks.example.com:\(server.port)/")).status
            #expect(status == 200)
            #expect(resolver.count == 1)
            #expect(server.requests.first?.head.contains("Host: hooks.example.com:\(server.port)\r\n") == true)
        }
        let nobody = HTTPTransport(policy: .development, resolver: FixedResolver([]))
        let failure = try await Self.failure { _ = try await nobody.send(Self.request("http://hooks.example.com/")) }
        #expect(failure == .dnsFailure)
    }

    @Test("TLS verifies the name and the chain, and gives up in time when the peer does not speak it")
    func tls() async throws {
        let authority = try TestCertificate.make(name: "hooks.example.com")
        let resolver = FixedResolver([IPAddress(v4: 0x7F00_0001)])
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
        try await ScriptedServer.with(.respond(answer), certificate: authority) { server in
            let trusting = HTTPTransport(
                policy: .development, resolver: resolver, rootCertificates: authority.certificate)
            let suspicious = HTTPTransport(policy: .development, resolver: resolver)
            let (right, wrong) = (
                "https://hooks.example.com:\(server.port)/", "https://other.example.com:\(server.port)/"
            )
            let status = try await trusting.send(Self.request(right)).status
            #expect(status == 200)
            let wrongName = try await Self.failure { _ = try await trusting.send(Self.request(wrong)) }
            #expect(wrongName == .tlsHandshake)
            let untrusted = try await Self.failure { _ = try await suspicious.send(Self.request(right)) }
            #expect(untrusted == .tlsHandshake)
            #expect(server.requests.count == 1)
        }
        try await ScriptedServer.with(.silent) { server in
            let transport = HTTPTransport(policy: .development, resolver: resolver)
            let request = try Self.request("https://hooks.example.com:\(server.port)/", timeout: .milliseconds(300))
            let stalled = try await Self.failure { _ = try await transport.send(request) }
            #expect(stalled == .connectTimeout)
        }
    }

    @Test("Many requests at once all get their own answers")
    func concurrency() async throws {
        try await ScriptedServer.with(.echoLength) { server in
            let transport = HTTPTransport(policy: .development)
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for length in 0..<200 {
                    group.addTask {
                        let body = [UInt8](repeating: 0x20, count: length)
                        let response = try await transport.send(Self.request(server.url, body: body))
                        return response.body == Array(String(length).utf8)
                    }
                }
                for try await isRight in group { #expect(isRight) }
            }
        }
    }
}

/// Answers every look-up with the same addresses, and counts.
final class FixedResolver: HostResolver {
    private let answers: [IPAddress]
    private let lookUps = Mutex(0)

    init(_ answers: [IPAddress]) { self.answers = answers }

    var count: Int { lookUps.withLock { $0 } }

    func addresses(of host: String, on eventLoop: any EventLoop) -> EventLoopFuture<[IPAddress]> {
        lookUps.withLock { $0 += 1 }
        return eventLoop.makeSucceededFuture(answers)
    }
}
#endif
