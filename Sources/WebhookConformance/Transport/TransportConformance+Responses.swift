internal import WebhookDelivery
internal import WebhookLimits
internal import WebhookPayload
internal import WebhookRetries

extension TransportConformance {
    private static let ok = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

    static let responseCases: [Case] = [
        Case("The status of the response is returned unchanged") { harness in
            for status in [
                200, 201, 202, 204, 205, 206, 226, 299, 300, 304, 399, 400, 401, 404, 410, 413, 429, 499, 500, 503, 599,
            ] {
                let outcome = try await harness.outcome(.answering("HTTP/1.1 \(status) X\r\nContent-Length: 0\r\n\r\n"))
                try harness.expect(outcome, status: status, "\(status)")
            }
        },
        Case("Redirects are not followed") { harness in
            try await TestEndpoint.run(.ok) { canary in
                for status in [301, 302, 303, 307, 308] {
                    let answer =
                        "HTTP/1.1 \(status) Moved\r\nLocation: \(canary.url)/\r\nContent-Length: 0\r\n\r\n"
                    try await harness.expect(harness.outcome(.answering(answer)), status: status, "\(status)")
                }
                try harness.expect(canary.connectionCount == 0, "a redirect was followed")
            }
        },
        Case("Header fields and the start of the body are returned; nothing is decompressed") { harness in
            let body = "\u{1F}\u{8B}not gzip"
            let answer =
                "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nRetry-After: 7\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
            let response = try await harness.outcome(.answering(answer)).result.get()
            try harness.expect(response.body == Array(body.utf8), "the body is \(response.body)")
            try harness.expect(response.headers["retry-after"] == "7", "\(response.headers)")
        },
        Case("Only the start of a long body is read, even if the body never ends") { harness in
            let chunk = Array(repeating: UInt8(ascii: "x"), count: 65_536)
            for head in [
                "HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n",
            ] {
                let outcome = try await harness.outcome(
                    TestEndpoint.Script([.receive, .send(Array(head.utf8)), .flood(chunk)]), timeout: .seconds(3))
                try harness.expect(outcome, status: 200, head)
                let response = try outcome.result.get()
                let count = response.body.count
                try harness.expect(count == WebhookResponse.maximumBodyLength, "\(count) bytes were read")
                try harness.expect(!response.isBodyComplete, "a body that was cut counts as complete")
                try harness.expect(outcome.duration < .milliseconds(2800), "it took \(outcome.duration)")
            }
        },
        Case("A response tells whether its body is the whole one, and which address answered, if that is known") {
            harness in
            let limit = WebhookResponse.maximumBodyLength
            for (length, sent) in [(0, 0), (100, 100), (limit, limit), (limit + 1, limit + 1), (100, 50)] {
                let body = String(repeating: "x", count: sent)
                let answer = Array("HTTP/1.1 500 No\r\nContent-Length: \(length)\r\n\r\n\(body)".utf8)
                let outcome = try await harness.outcome(TestEndpoint.Script([.receive, .send(answer), .hold]))
                let response = try outcome.result.get()
                try harness.expect(response.body.count == min(sent, limit), "\(response.body.count) of \(sent) bytes")
                try harness.expect(
                    response.isBodyComplete == (length == sent && sent <= limit),
                    "\(sent) of \(length) bytes: isBodyComplete is \(response.isBodyComplete)")
                try harness.expect(
                    response.address.map { $0.description == "127.0.0.1" } ?? true,
                    "the address is \(response.address?.description ?? "")")
            }
        },
        Case("Informational responses are skipped, but not endlessly") { harness in
            let early = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
            try await harness.expect(harness.outcome(.answering(early + ok)), status: 200, "100, 103, 200")
            let flood = TestEndpoint.Script([.receive, .flood(Array(early.utf8))])
            let outcome = try await harness.outcome(flood, timeout: .seconds(2))
            try harness.expect(
                outcome, .invalidResponse, .responseTimeout, after: "endless informational responses")
            try harness.expect(outcome.duration < .milliseconds(2300), "it took \(outcome.duration)")
        },
        Case("A response that arrives before the request is read keeps its status") { harness in
            let answer = Array("HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".utf8)
            try await TestEndpoint.run(TestEndpoint.Script([.receiveHead, .send(answer), .hold])) { endpoint in
                let body = [UInt8](repeating: 0, count: 8_000_000)
                let outcome = await harness.outcome(
                    try harness.transport(), try harness.request(endpoint.url, body: body, timeout: .seconds(3)))
                try harness.expect(outcome, status: 413, "the early response")
                try harness.expect(outcome.duration < .milliseconds(2800), "it took \(outcome.duration)")
            }
        },
        Case("Anything but an HTTP/1 response is an invalid response, and never a success") { harness in
            for answer in [
                "HTTP/1.1 abc OK\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n",
                "HTTP/1.1 +20 OK\r\n\r\n",
                "HTTP/1.1\r\n\r\n", "HTTP/2 200\r\n\r\n", "HTTP/0.9 200 OK\r\n\r\n", "SSH-2.0-OpenSSH_9\r\n\r\n",
                "<html>hello</html>\r\n\r\n", "\0\0\0\0\0\0\0\0", "220 mail ESMTP\r\n", "ICY 200 OK\r\n\r\n",
            ] {
                let outcome = try await harness.outcome(.answeringOnce(answer), timeout: .seconds(2))
                try harness.expect(outcome, .invalidResponse, .connectionReset, after: answer)
            }
        },
        Case("A response head that is too large or never ends is rejected") { harness in
            let start = Array("HTTP/1.1 200 OK\r\n".utf8)
            let manyFields = Array(String(repeating: "X-A: b\r\n", count: 20_000).utf8)
            for script in [
                TestEndpoint.Script([
                    .receive, .send(start), .flood(Array("X-A: \(String(repeating: "b", count: 999))\r\n".utf8)),
                ]),
                TestEndpoint.Script([.receive, .send(start + Array("X-A: ".utf8)), .flood([0x61])]),
                TestEndpoint.Script([.receive, .send(start + manyFields + Array("\r\n".utf8)), .hold]),
            ] {
                let outcome = try await harness.outcome(script, timeout: .seconds(3))
                try harness.expect(outcome, .invalidResponse, .connectionReset, .responseTimeout, after: "a huge head")
                try harness.expect(outcome.duration < .milliseconds(3300), "it took \(outcome.duration)")
            }
        },
        Case("A connection that breaks within the head is a failure; after the head, the status counts") { harness in
            let answer = Array("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc".utf8)
            let headLength = answer.count - 3
            for length in 0...answer.count {
                for end in [[], [TestEndpoint.Step.reset]] {
                    let script = TestEndpoint.Script([.receive, .send(Array(answer[..<length]))] + end)
                    let outcome = try await harness.outcome(script)
                    let what = "after \(length) bytes\(end.isEmpty ? "" : ", with a reset")"
                    if length < headLength {
                        try harness.expect(outcome, .connectionReset, .invalidResponse, after: what)
                    } else if end.isEmpty {
                        try harness.expect(outcome, status: 200, what)
                    } else {
                        // A reset may discard bytes sent before it, so the transport may not have seen the head.
                        let isEither = outcome.status == 200 || outcome.failure == .connectionReset
                        try harness.expect(isEither, "\(what): \(outcome.result)")
                    }
                }
            }
        },
    ]
}
