#if HTTPTransport && AsyncHTTPClient
import AsyncHTTPClient
import TaskFlowWebhooks
import Testing
import WebhookAsyncHTTPClient
import WebhookHTTPTransport
import WebhookConformance

@Suite("Accounts with unanswered names", .timeLimit(.minutes(1)))
struct NeighbourTests {
    private static func request(
        _ host: String, _ endpoint: TestEndpoint, _ account: AccountID, timeout: Duration
    ) throws -> WebhookRequest {
        let url = try EndpointURL("http://\(host):\(endpoint.port)/", policy: .development)
        return WebhookRequest(url: url, headers: [:], body: [], timeout: timeout, accountID: account)
    }

    /// Runs a body with both transports, alongside an account that requests 400 names that are never answered.
    private func besideSilentNames(
        timeout: Duration, _ body: (any WebhookTransport, TestEndpoint, FakeNameServer) async throws -> Void
    ) async throws -> [[TransportFailure: Int]] {
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: .webhooks(policy: .development))
        let result: Result<[[TransportFailure: Int]], any Error>
        do { result = .success(try await besideSilentNames(client, timeout: timeout, body)) } catch {
            result = .failure(error)
        }
        try await client.shutdown()
        return try result.get()
    }

    private func besideSilentNames(
        _ client: HTTPClient, timeout: Duration,
        _ body: (any WebhookTransport, TestEndpoint, FakeNameServer) async throws -> Void
    ) async throws -> [[TransportFailure: Int]] {
        var failures: [[TransportFailure: Int]] = []
        for isClient in [false, true] {
            let reply: @Sendable (String) -> FakeNameServer.Reply = {
                $0.hasSuffix(".example.org") ? .silence : .addresses([IPAddress(v4: 0x7F00_0001)])
            }
            try await FakeNameServer.run(reply) { server in
                try await TestEndpoint.run(.ok) { endpoint in
                    var settings = server.settings
                    settings.timeoutMilliseconds = 60_000
                    let resolver = SystemResolver(settings: settings)
                    let transport: any WebhookTransport =
                        isClient
                        ? AsyncHTTPClientTransport(client: client, policy: .development, resolver: resolver)
                        : HTTPTransport(policy: .development, resolver: resolver)
                    try await withThrowingTaskGroup(of: TransportFailure?.self) { group in
                        for number in 0..<400 {
                            group.addTask {
                                let request = try Self.request(
                                    "x\(number).example.org", endpoint, "acc_greedy", timeout: timeout)
                                do { _ = try await transport.send(request) } catch {
                                    return (error as? TransportError)?.failure
                                }
                                return nil
                            }
                        }
                        var asked = server.asked.makeAsyncIterator()
                        var names: Set<String> = []
                        while names.count < 64, let question = await asked.next() { names.insert(question.name) }
                        try await body(transport, endpoint, server)
                        if timeout > .seconds(10) { group.cancelAll() }
                        failures.append(
                            try await group.reduce(into: [:]) { counts, failure in
                                if let failure { counts[failure, default: 0] += 1 }
                            })
                    }
                }
            }
        }
        return failures
    }

    @Test("They neither delay nor fail the requests of another account, to known and new names")
    func victims() async throws {
        _ = try await besideSilentNames(timeout: .seconds(30)) { transport, endpoint, server in
            let start = ContinuousClock.now
            for number in 0..<60 {
                let request = try Self.request(
                    "hooks\(number % 20).example.com", endpoint, "acc_victim", timeout: .seconds(2))
                let status = try await transport.send(request).status
                #expect(status == 200)
            }
            let each = (ContinuousClock.now - start) / 60
            print("Alongside 400 unanswered names, another account's request takes \(each)")
            #expect(each < .milliseconds(500))
            let silent = Set(server.questions.map(\.name).filter { $0.hasSuffix(".example.org") })
            #expect(silent.count == 64, "one account holds half of the slots for unknown names")
        }
    }

    @Test("A request that waits for a slot is this machine's failure; only started look-ups count as unanswered")
    func outcomes() async throws {
        let failures = try await besideSilentNames(timeout: .seconds(2)) { _, _, _ in }
        for counts in failures { #expect(counts == [.dnsTimeout: 64, .resolverUnavailable: 336]) }
    }
}
#endif
