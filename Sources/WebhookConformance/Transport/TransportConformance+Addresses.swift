internal import Synchronization
internal import WebhookDelivery
internal import WebhookLimits
internal import WebhookRetries

extension TransportConformance {
    private static let loopback = IPAddress(v4: 0x7F00_0001)
    private static let metadata = IPAddress(v4: 0xA9FE_A9FE)

    static let addressCases: [Case] = [
        Case("A transport does not connect to an address that the policy blocks") { harness in
            try await TestEndpoint.run(.ok) { endpoint in
                let transport = try harness.transport(.production)
                try await harness.expect(
                    harness.outcome(transport, harness.request(endpoint.url)), .blockedAddress, after: "loopback")
                try harness.expect(endpoint.connectionCount == 0, "a connection was made")
            }
        },
        Case("A name with one blocked address gets no connection to any of its addresses", needs: [.lookup]) {
            harness in
            try await TestEndpoint.run(.ok) { endpoint in
                for addresses in [[metadata], [loopback, metadata], [metadata, loopback]] {
                    let transport = try harness.transport(lookup: { _ in addresses })
                    let request = try harness.request("http://rebound.example.com:\(endpoint.port)/")
                    try await harness.expect(
                        harness.outcome(transport, request), .blockedAddress, after: "\(addresses)")
                }
                try harness.expect(endpoint.connectionCount == 0, "a connection was made")
            }
        },
        Case("A name is resolved once per connection, so that it cannot change in between", needs: [.lookup]) {
            harness in
            try await TestEndpoint.run(.answeringOnce("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")) { endpoint in
                let count = Mutex(0)
                let transport = try harness.transport(lookup: { _ in
                    count.withLock { $0 += 1 }
                    return count.withLock { $0 } == 1 ? [loopback] : [metadata]
                })
                let request = try harness.request("http://rebinding.example.com:\(endpoint.port)/")
                try await harness.expect(harness.outcome(transport, request), status: 200, "the first lookup")
                try harness.expect(count.withLock { $0 } == 1, "the name was resolved \(count.withLock { $0 }) times")
            }
        },
        Case("A name without addresses is a DNS failure", needs: [.lookup]) { harness in
            let transport = try harness.transport(lookup: { _ in [] })
            try await harness.expect(
                harness.outcome(transport, harness.request("http://nowhere.example.com/")), .dnsFailure,
                after: "a name without addresses")
        },
        Case("A closed port is a refused connection") { harness in
            let url = try await TestEndpoint.run(.ok) { $0.url }
            // The endpoint's thread needs a moment to notice the stop and close the port.
            let transport = try harness.transport()
            var outcome = await harness.outcome(transport, try harness.request(url, timeout: .seconds(1)))
            for _ in 0..<100 where outcome.failure != .connectionRefused {
                outcome = await harness.outcome(transport, try harness.request(url, timeout: .seconds(1)))
            }
            try harness.expect(outcome, .connectionRefused, after: "a closed port")
        },
        Case("If an address refuses the connection, the next one is tried", needs: [.lookup]) { harness in
            try await TestEndpoint.run(.ok) { endpoint in
                // Nothing listens on ::1 at that port; the policy allows both addresses, which are loopback.
                let transport = try harness.transport(lookup: { _ in [IPAddress(v6: 1), loopback] })
                let request = try harness.request("http://two.example.com:\(endpoint.port)/")
                try await harness.expect(harness.outcome(transport, request), status: 200, "two addresses")
                try harness.expect(endpoint.requests.count == 1, "the request did not arrive exactly once")
            }
        },
        Case(
            "Slow addresses of a healthy host can use the whole timeout, and the request is sent once", needs: racing
        ) {
            harness in
            let slow = TestEndpoint.Script([.pause(.milliseconds(800)), .startTLS] + answer, handshakes: false)
            let outcome = try await race(Array(repeating: slow, count: 8), harness)
            try harness.expect(outcome, status: 200, "eight addresses that each take 0.8 s")
            try harness.expect(outcome.duration < .seconds(2), "it took \(outcome.duration)")
        },
        Case("Each address that stalls in the handshake costs only a short delay", needs: racing) { harness in
            for (dead, limit) in [(1, Duration.seconds(1)), (7, .seconds(3))] {
                let scripts = Array(repeating: TestEndpoint.Script.stalledHandshake, count: dead)
                let outcome = try await race(scripts + [TestEndpoint.Script(answer)], harness)
                try harness.expect(outcome, status: 200, "\(dead) dead addresses and a healthy one")
                try harness.expect(outcome.duration < limit, "\(dead) dead addresses: it took \(outcome.duration)")
            }
        },
    ]

    private static let racing: Set<Capability> = [.lookup, .rootCertificates]
    private static let answer: [TestEndpoint.Step] = [
        .receive, .send(Array("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".utf8)), .hold,
    ]

    /// Sends a request to a host with one address per script; each script serves one connection.
    private static func race(
        _ scripts: [TestEndpoint.Script], _ harness: TransportHarness
    ) async throws -> TransportHarness.Outcome {
        let authority = try TestAuthority()
        let certificate = try authority.issue("DNS:many.example.com")
        return try await TestEndpoint.run(inTurn: scripts, certificate: certificate) { endpoint in
            let transport = try harness.transport(
                trusting: authority.pem, lookup: { _ in Array(repeating: loopback, count: scripts.count) })
            let request = try harness.request("https://many.example.com:\(endpoint.port)/")
            let outcome = await harness.outcome(transport, request)
            let count = endpoint.requests.count
            try harness.expect(count == 1, "the request arrived \(count) times")
            return outcome
        }
    }
}
