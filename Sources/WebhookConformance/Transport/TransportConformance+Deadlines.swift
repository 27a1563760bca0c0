internal import WebhookDelivery
internal import WebhookRetries

extension TransportConformance {
    private static let head = Array("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n".utf8)

    static let deadlineCases: [Case] = [
        Case("A request without a response fails at the deadline") { harness in
            let outcome = try await harness.outcome(.silent, timeout: .seconds(1))
            try harness.expect(outcome, .responseTimeout, after: "no response")
            try harness.expect(outcome, endedAt: .seconds(1), "no response")
        },
        Case("A response head that is sent byte by byte does not extend the deadline, at any interval") { harness in
            for step in [
                TestEndpoint.Step.drip(head, every: .milliseconds(100)), .drip(head, every: .milliseconds(40)),
            ] {
                let outcome = try await harness.outcome(
                    TestEndpoint.Script([.receive, step, .hold]), timeout: .seconds(1))
                try harness.expect(outcome, .responseTimeout, after: "a head sent byte by byte")
                try harness.expect(outcome, endedAt: .seconds(1), "a head sent byte by byte")
            }
        },
        Case("A body that stalls or is sent byte by byte does not outlast the deadline, and keeps the status") {
            harness in
            let drops = [UInt8](repeating: 0x78, count: 100)
            for step in [TestEndpoint.Step.hold, .drip(drops, every: .milliseconds(100))] {
                let script = TestEndpoint.Script([.receive, .send(head), step])
                let outcome = try await harness.outcome(script, timeout: .seconds(1))
                try harness.expect(outcome, status: 200, "a stalled body")
                try harness.expect(outcome.duration < .milliseconds(1300), "it took \(outcome.duration)")
            }
        },
        Case("A body that is sent byte by byte is cut off soon after the head, long before the deadline") { harness in
            let drops = [UInt8](repeating: 0x78, count: 100)
            let script = TestEndpoint.Script([.receive, .send(head + [0x61]), .drip(drops, every: .milliseconds(100))])
            let outcome = try await harness.outcome(script, timeout: .seconds(9))
            try harness.expect(outcome, status: 200, "a body sent byte by byte")
            try harness.expect(outcome.duration < .seconds(2), "it took \(outcome.duration)")
            let body = try outcome.result.get().body
            try harness.expect(body.first == 0x61 && body.count < 50, "the body is \(body)")
        },
        Case("A request that the endpoint does not read fails at the deadline") { harness in
            try await TestEndpoint.run(TestEndpoint.Script([.drip(head, every: .seconds(10))])) { endpoint in
                // The endpoint sends the first byte of the head immediately, and never reads.
                let request = try harness.request(
                    endpoint.url, body: [UInt8](repeating: 0, count: 10_000_000), timeout: .seconds(1))
                let outcome = await harness.outcome(try harness.transport(), request)
                try harness.expect(outcome, .requestTimeout, .responseTimeout, after: "an unread request")
                try harness.expect(outcome, endedAt: .seconds(1), "an unread request")
            }
        },
        Case("A DNS lookup that hangs fails at the deadline", needs: [.lookup]) { harness in
            try await TestEndpoint.run(.ok) { endpoint in
                let transport = try harness.transport(lookup: { _ in
                    while !Task.isCancelled { try await ContinuousClock().sleep(for: .seconds(3)) }
                    return []
                })
                let request = try harness.request("http://slow.example.com:\(endpoint.port)/", timeout: .seconds(1))
                let outcome = await harness.outcome(transport, request)
                try harness.expect(outcome, .dnsTimeout, .connectTimeout, after: "a lookup that hangs")
                try harness.expect(outcome, endedAt: .seconds(1), "a lookup that hangs")
            }
        },
    ]
}
