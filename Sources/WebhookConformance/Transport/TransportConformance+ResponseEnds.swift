internal import WebhookDelivery

extension TransportConformance {
    private static let ok = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"

    /// The cases of what follows the status line.
    ///
    /// Once the head is complete, the outcome is final. The response's fields, its end and any bytes after it must not
    /// change or delay the outcome, and must not affect the next request.
    static let responseEndCases: [Case] = [
        Case("Bytes after a response on a reused connection do not affect other requests") { harness in
            for (head, rest) in [
                ("HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\n", "ok"),
                ("HTTP/1.1 204 No Content\r\n\r\n", "ok"),
                ("HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n", "0\r\n\r\n"),
                ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "\r\n"),
                ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "more"),
            ] {
                let script = TestEndpoint.Script(
                    [.receive, .send(Array(head.utf8)), .pause(.milliseconds(2)), .send(Array(rest.utf8))],
                    repeats: true)
                try await TestEndpoint.run(script) { endpoint in
                    let transport = try harness.transport()
                    try await withThrowingTaskGroup { group in
                        for _ in 1...4 {
                            group.addTask {
                                for number in 1...10 {
                                    let outcome = await harness.outcome(transport, try harness.request(endpoint.url))
                                    let what =
                                        "request \(number), \(rest.debugDescription) after \(head.debugDescription)"
                                    try harness.expect(
                                        outcome.status.map { $0 / 100 } == 2, "\(what): \(outcome.result)")
                                }
                            }
                        }
                        try await group.waitForAll()
                    }
                    let count = endpoint.requests.count
                    try harness.expect(count == 40, "\(count) requests arrived instead of 40")
                }
            }
        },
        Case("A body of unclear length delays neither its own nor the next request") { harness in
            for fields in [
                "Content-Length: 2\r\nContent-Length: 2", "Content-Length: 2, 2",
                "Content-Length: 2\r\nContent-Length: 3",
                "Content-Length: +2", "Content-Length: 0x2", "Content-Length: ", "Content-Length: 99999999999999999999",
                "Content-Length: 2\r\nTransfer-Encoding: chunked", "Transfer-Encoding: identity",
                "Connection: keep-alive",
            ] {
                try await TestEndpoint.run(.answering("HTTP/1.1 200 OK\r\n\(fields)\r\n\r\nok")) { endpoint in
                    let transport = try harness.transport()
                    for _ in 1...2 {
                        let outcome = await harness.outcome(
                            transport, try harness.request(endpoint.url, timeout: .seconds(3)))
                        try harness.expect(outcome, status: 200, fields)
                        try harness.expect(
                            outcome.duration < .milliseconds(200), "\(fields): it took \(outcome.duration)")
                    }
                    let count = endpoint.requests.count
                    try harness.expect(count == 2, "\(fields): \(count) requests arrived instead of 2")
                }
            }
        },
        Case("Unusual or excessive header fields do not change the status") { harness in
            for fields in [
                "X-Note: one\r\n two\r\n", "X-Note: one\r\n\ttwo\r\n three\r\n", "X-Note : one\r\n",
                String(repeating: "X-Note: one\r\n", count: 101), "X-Note: \u{80}\u{FF}\r\n", "X-Note:\r\n",
            ] {
                let outcome = try await harness.outcome(.answering(ok + fields + "\r\n"), timeout: .seconds(2))
                try harness.expect(outcome, status: 200, fields)
            }
        },
        Case("Any number of informational responses may come before the status") { harness in
            let early = String(repeating: "HTTP/1.1 102 Processing\r\n\r\n", count: 20)
            try await harness.expect(harness.outcome(.answering(early + ok + "\r\n")), status: 200, "102 twenty times")
        },
    ]
}
