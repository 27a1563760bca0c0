internal import Synchronization
internal import WebhookDelivery
internal import WebhookLimits
internal import WebhookRetries

extension TransportConformance {
    private static let loopback = IPAddress(v4: 0x7F00_0001)
    private static let metadata = IPAddress(v4: 0xA9FE_A9FE)

    static let addressCases: [Case] = [
        Case("An address that the policy refuses gets no connection") { harness in
            try await TestEndpoint.run(.ok) { endpoint in
                let transport = try harness.transport(.production)
                try await harness.expect(
                    harness.outcome(transport, harness.request(endpoint.url)), .blockedAddress, after: "loopback")
                try harness.expect(endpoint.connectionCount == 0, "a connection was made")
            }
        },
        Case("A name that leads to a refused address gets no connection, whatever else it leads to", needs: [.lookUp]) {
            harness in
            try await TestEndpoint.run(.ok) { endpoint in
                for addresses in [[metadata], [loopback, metadata], [metadata, loopback]] {
                    let transport = try harness.transport(lookUp: { _ in addresses })
                    let request = try harness.request("http://rebound.example.com:\(endpoint.port)/")
                    try await harness.expect(
                        harness.outcome(transport, request), .blockedAddress, after: "\(addresses)")
                }
                try harness.expect(endpoint.connectionCount == 0, "a connection was made")
            }
        },
        Case("A name is looked up once for a connection, so that it cannot change in between", needs: [.lookUp]) {
            harness in
            try await TestEndpoint.run(.answeringOnce("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")) { endpoint in
                let count = Mutex(0)
                let transport = try harness.transport(lookUp: { _ in
                    count.withLock { $0 += 1 }
                    return count.withLock { $0 } == 1 ? [loopback] : [metadata]
                })
                let request = try harness.request("http://rebinding.example.com:\(endpoint.port)/")
                try await harness.expect(harness.outcome(transport, request), status: 200, "the first look-up")
                try harness.expect(count.withLock { $0 } == 1, "the name was looked up \(count.withLock { $0 }) times")
            }
        },
        Case("A name without an address is a DNS failure", needs: [.lookUp]) { harness in
            let transport = try harness.transport(lookUp: { _ in [] })
            try await harness.expect(
                harness.outcome(transport, harness.request("http://nowhere.example.com/")), .dnsFailure,
                after: "no address")
        },
        Case("A port on which nobody listens is a refused connection") { harness in
            let url = try await TestEndpoint.run(.ok) { $0.url }
            // The endpoint is gone within the time that its thread needs to notice.
            let transport = try harness.transport()
            var outcome = await harness.outcome(transport, try harness.request(url, timeout: .seconds(1)))
            for _ in 0..<100 where outcome.failure != .connectionRefused {
                outcome = await harness.outcome(transport, try harness.request(url, timeout: .seconds(1)))
            }
            try harness.expect(outcome, .connectionRefused, after: "a closed port")
        },
        Case("The next address is tried when one refuses", needs: [.lookUp]) { harness in
            try await TestEndpoint.run(.ok) { endpoint in
                // Nobody listens on ::1 at that port; the answers agree that both are loopback.
                let transport = try harness.transport(lookUp: { _ in [IPAddress(v6: 1), loopback] })
                let request = try harness.request("http://two.example.com:\(endpoint.port)/")
                try await harness.expect(harness.outcome(transport, request), status: 200, "two addresses")
                try harness.expect(endpoint.requests.count == 1, "the request did not arrive once")
            }
        },
        Case("Slow addresses of a healthy host have the whole time, and the request goes out once", needs: racing) {
            harness in
            let slow = TestEndpoint.Script([.pause(.milliseconds(800)), .startTLS] + answer, handshakes: false)
            let outcome = try await race(Array(repeating: slow, count: 8), harness)
            try harness.expect(outcome, status: 200, "eight addresses, of which each needs 0.8 s")
            try harness.expect(outcome.duration < .seconds(2), "it took \(outcome.duration)")
        },
        Case("Addresses that take no part in a handshake cost a moment each", needs: racing) { harness in
            for (dead, limit) in [(1, Duration.seconds(1)), (7, .seconds(3))] {
                let scripts = Array(repeating: TestEndpoint.Script.stalledHandshake, count: dead)
                let outcome = try await race(scripts + [TestEndpoint.Script(answer)], harness)
                try harness.expect(outcome, status: 200, "\(dead) dead addresses and a good one")
                try harness.expect(outcome.duration < limit, "\(dead) dead addresses: it took \(outcome.duration)")
            }
        },
    ]

    private static let racing: Set<Ability> = [.lookUp, .rootCertificates]
    private static let answer: [TestEndpoint.Step] = [
        .receive, .send(Array("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".utf8)), .hold,
    ]

    /// Sends a request to a host with as many addresses as scripts, each of which serves one connection.
    private static func race(
        _ scripts: [TestEndpoint.Script], _ harness: TransportHarness
    ) async throws -> TransportHarness.Outcome {
        let authority = try TestAuthority()
        let certificate = try authority.issue("DNS:many.example.com")
        return try await TestEndpoint.run(inTurn: scripts, certificate: certificate) { endpoint in
            let transport = try harness.transport(
                trusting: authority.pem, lookUp: { _ in Array(repeating: loopback, count: scripts.count) })
            let request = try harness.request("https://many.example.com:\(endpoint.port)/")
            let outcome = await harness.outcome(transport, request)
            let count = endpoint.requests.count
            try harness.expect(count == 1, "the request arrived \(count) times")
            return outcome
        }
    }
}
