#if HTTPTransport
import NIOPosix
import TaskFlowWebhooks
import Testing
import WebhookHTTPTransport
import WebhookConformance

@Suite("HTTPTransport connection sharing", .timeLimit(.minutes(1)))
struct ConnectionShareTests {
    private static func transport(maximum: Int) -> HTTPTransport {
        HTTPTransportTests.transport { configuration in
            configuration.maximumConnections = maximum
            configuration.eventLoopGroup = MultiThreadedEventLoopGroup.singleton.next()
        }
    }

    private static func request(_ url: String, account: AccountID, timeout: Duration) throws -> WebhookRequest {
        let url = try EndpointURL(url, policy: .development)
        return WebhookRequest(url: url, headers: [:], body: [], timeout: timeout, accountID: account)
    }

    @Test("An account whose connections hang leaves connections to others and blocks no waiting request")
    func shares() async throws {
        try await TestEndpoint.run(.silent) { silent in
            try await TestEndpoint.run(.ok) { healthy in
                let transport = Self.transport(maximum: 8)
                async let failures = Self.failures(of: 20, to: silent.url, transport)
                while silent.requests.count < 4 { await Task.yield() }
                for account in ["acc_a", "acc_b", "acc_a"] {
                    let request = try Self.request(
                        healthy.url, account: AccountID(unchecked: account), timeout: .seconds(1))
                    let status = try await transport.send(request).status
                    #expect(status == 200)
                }
                #expect(silent.connectionCount == 4)
                #expect(try await failures == [.responseTimeout: 4, .saturated: 16])
            }
        }
    }

    /// Returns the number of one account's requests by failure.
    private static func failures(
        of count: Int, to url: String, _ transport: HTTPTransport
    ) async throws -> [TransportFailure: Int] {
        let request = try request(url, account: "acc_greedy", timeout: .seconds(2))
        return try await withThrowingTaskGroup(of: TransportFailure.self) { group in
            for _ in 0..<count {
                group.addTask { try await HTTPTransportTests.failure { _ = try await transport.send(request) } }
            }
            return try await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        }
    }

    @Test("An idle connection counts for no account, and serves another account's request")
    func keptConnections() async throws {
        try await TestEndpoint.run(.ok) { first in
            try await TestEndpoint.run(.ok) { second in
                try await TestEndpoint.run(.ok) { third in
                    let transport = Self.transport(maximum: 4)
                    for account in ["acc_a", "acc_b"] {
                        for endpoint in [first, second, third] {
                            let request = try Self.request(
                                endpoint.url, account: AccountID(unchecked: account), timeout: .seconds(1))
                            let status = try await transport.send(request).status
                            #expect(status == 200)
                        }
                    }
                    #expect([first, second, third].map(\.connectionCount) == [1, 1, 1])
                }
            }
        }
    }
}
#endif
