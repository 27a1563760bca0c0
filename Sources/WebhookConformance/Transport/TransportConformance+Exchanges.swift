internal import Synchronization
internal import WebhookDelivery
internal import WebhookPayload
internal import WebhookRetries

extension TransportConformance {
    static let exchangeCases: [Case] = [
        Case("A request arrives unchanged: method, target, header fields and every byte of the body") { harness in
            let body = Array("{\"é\":\"\u{1F600}\"}".utf8) + [0xFF, 0x00, 0x0D, 0x0A]
            try await TestEndpoint.run(.ok) { endpoint in
                let request = try harness.request("\(endpoint.url)/a/b?c=d%20e&f=@", body: body)
                try await harness.expect(harness.outcome(harness.transport(), request), status: 200, "the exchange")
                guard let received = endpoint.requests.first else {
                    throw ConformanceFailure(description: "no request arrived")
                }
                let lines = received.head.lowercased().split(separator: "\r\n")
                try harness.expect(received.head.hasPrefix("POST /a/b?c=d%20e&f=@ HTTP/1.1\r\n"), received.head)
                for line in [
                    "host: 127.0.0.1:\(endpoint.port)", "x-taskflow-event: task.created",
                    "content-length: \(body.count)",
                ] {
                    let count = lines.count { $0 == line }
                    try harness.expect(count == 1, "expected one \(line), got \(count):\n\(received.head)")
                }
                try harness.expect(!received.head.lowercased().contains("transfer-encoding"), received.head)
                try harness.expect(received.body == body, "the body was changed")
            }
        },
        Case("An empty body and a body of one megabyte arrive complete") { harness in
            try await TestEndpoint.run(.ok) { endpoint in
                let transport = try harness.transport()
                for length in [0, 1_000_000] {
                    let body = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31) }
                    let outcome = await harness.outcome(transport, try harness.request(endpoint.url, body: body))
                    try harness.expect(outcome, status: 200, "\(length) bytes")
                    try harness.expect(
                        endpoint.requests.last?.body == body, "the body of \(length) bytes arrived changed")
                }
            }
        },
        Case("50 concurrent requests each get their own response") { harness in
            let script = TestEndpoint.Script([.receive, .echoLength], repeats: true)
            try await TestEndpoint.run(script) { endpoint in
                let transport = try harness.transport()
                try await withThrowingTaskGroup { group in
                    for length in 1...50 {
                        group.addTask {
                            let body = [UInt8](repeating: 0x78, count: length)
                            let response = try await transport.send(harness.request(endpoint.url, body: body))
                            try harness.expect(
                                String(decoding: response.body, as: UTF8.self) == String(length),
                                "a response belongs to another request")
                        }
                    }
                    try await group.waitForAll()
                }
                try harness.expect(endpoint.requests.count == 50, "\(endpoint.requests.count) of 50 requests arrived")
            }
        },
        Case("Sequential requests arrive once each, whether the endpoint keeps or closes connections") { harness in
            let answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"
            for script in [
                TestEndpoint.Script.ok, .answeringOnce(answer + "\r\n"),
                .answeringOnce(answer + "Connection: close\r\n\r\n"),
                .answeringOnce("HTTP/1.0 200 OK\r\n\r\nhello"), .answering("HTTP/1.1 204 No Content\r\n\r\n"),
                .answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nT: u\r\n\r\n"),
            ] {
                try await TestEndpoint.run(script) { endpoint in
                    let transport = try harness.transport()
                    var answered = 0
                    for number in 1...5 {
                        let outcome = await harness.outcome(transport, try harness.request(endpoint.url))
                        // The endpoint may close while the next request is sent, which then fails without a repetition.
                        if outcome.failure == .connectionReset, !script.repeats { continue }
                        try harness.expect(
                            (200...204).contains(outcome.status ?? 0), "request \(number): \(outcome.result)")
                        answered += 1
                    }
                    let arrived = endpoint.requests.count
                    try harness.expect((answered...5).contains(arrived), "\(arrived) requests arrived, not \(answered)")
                }
            }
        },
        Case("A header field that would break the request's lines is refused before anything is sent") { harness in
            try await TestEndpoint.run(.ok) { endpoint in
                let transport = try harness.transport()
                let bad: [HeaderFields] = [
                    ["X-A": "b\r\nX-C: d"], ["X-A": "b\n"], ["X-A\r\nX-B": "c"], ["X-A": "b\u{0}"], ["": "x"],
                    ["X A": "b"], ["X-A:": "b"],
                ]
                for headers in bad {
                    let outcome = await harness.outcome(transport, try harness.request(endpoint.url, headers: headers))
                    try harness.expect(outcome, .invalidRequest, after: "\(headers.lines)")
                }
                try harness.expect(endpoint.requests.isEmpty, "something was sent")
            }
        },
        Case("Cancelling the task ends its request immediately") { harness in
            try await TestEndpoint.run(.silent) { endpoint in
                let transport = try harness.transport()
                let request = try harness.request(endpoint.url, timeout: .seconds(30))
                let attempt = Task { await harness.outcome(transport, request) }
                // A transport that sends nothing has returned by then, or returns at its deadline.
                for _ in 0..<1_000_000 where endpoint.requests.isEmpty { await Task.yield() }
                attempt.cancel()
                let outcome = await attempt.value
                guard case .failure(let error) = outcome.result else {
                    throw ConformanceFailure(description: "a cancelled request returned a response")
                }
                let isCancellation = error is CancellationError || outcome.failure == .cancelled
                try harness.expect(isCancellation, "a cancelled request ended with \(error)")
                try harness.expect(outcome.duration < .seconds(10), "it took \(outcome.duration)")
            }
        },
    ]
}
