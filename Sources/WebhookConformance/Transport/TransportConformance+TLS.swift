internal import WebhookDelivery
internal import WebhookRetries

extension TransportConformance {
    static let tlsCases: [Case] = [
        Case("A certificate for the name from a trusted authority is accepted", needs: [.rootCertificates]) { harness in
            let authority = try TestAuthority()
            try await TestEndpoint.run(.ok, certificate: authority.issue()) { endpoint in
                let transport = try harness.transport(trusting: authority.pem)
                for url in [endpoint.localhostURL, endpoint.url] {
                    let outcome = await harness.outcome(transport, try harness.request(url))
                    try harness.expect(outcome, status: 200, url)
                }
                try harness.expect(endpoint.requests.count == 2, "two requests did not arrive")
            }
        },
        Case(
            "No byte of a request is sent after an invalid, untrusted or mismatched certificate",
            needs: [.rootCertificates]
        ) {
            harness in
            let authority = try TestAuthority()
            let day = Duration.seconds(86_400)
            let certificates: [(String, TestCertificate, TransportFailure)] = [
                (
                    "expired", try authority.issue(validFrom: .zero - day - day, validUntil: .zero - day),
                    .tlsCertificateExpired
                ),
                ("not yet valid", try authority.issue(validFrom: day, validUntil: day + day), .tlsCertificateExpired),
                ("wrong name", try authority.issue("DNS:other.example.com"), .tlsHostnameMismatch),
                ("self-signed", try .selfSigned(), .tlsUntrusted),
                ("from another authority", try TestAuthority().issue(), .tlsUntrusted),
            ]
            for (what, certificate, failure) in certificates {
                try await TestEndpoint.run(.ok, certificate: certificate) { endpoint in
                    let transport = try harness.transport(trusting: authority.pem)
                    let outcome = await harness.outcome(transport, try harness.request(endpoint.localhostURL))
                    // Some TLS libraries do not report why they reject a certificate.
                    try harness.expect(outcome, failure, .tlsUntrusted, .tlsHandshake, after: what)
                    try harness.expect(endpoint.requests.isEmpty, "\(what): the request was sent")
                }
            }
        },
        Case(
            "An endpoint that closes the connection after the handshake has reset it, however it closes",
            needs: [.rootCertificates]
        ) {
            harness in
            let authority = try TestAuthority()
            for (what, end) in [("orderly", []), ("cut", [.cut]), ("reset", [TestEndpoint.Step.reset])] {
                let script = TestEndpoint.Script([.receive] + end)
                try await TestEndpoint.run(script, certificate: authority.issue()) { endpoint in
                    let transport = try harness.transport(trusting: authority.pem)
                    let outcome = await harness.outcome(transport, try harness.request(endpoint.localhostURL))
                    try harness.expect(outcome, .connectionReset, after: what)
                    try harness.expect(endpoint.requests.count == 1, "\(what): the request did not arrive exactly once")
                }
            }
        },
        Case("A TLS handshake that stalls fails at the deadline", needs: [.rootCertificates]) { harness in
            let authority = try TestAuthority()
            try await TestEndpoint.run(.stalledHandshake, certificate: authority.issue()) { endpoint in
                let transport = try harness.transport(trusting: authority.pem)
                let outcome = await harness.outcome(
                    transport, try harness.request(endpoint.localhostURL, timeout: .seconds(1)))
                try harness.expect(outcome, .tlsTimeout, .connectTimeout, after: "a stalled handshake")
                try harness.expect(outcome, endedAt: .seconds(1), "a stalled handshake")
            }
        },
        Case(
            "No byte of a request is sent to an endpoint that speaks only TLS 1.1, or no TLS",
            needs: [.rootCertificates]
        ) {
            harness in
            let authority = try TestAuthority()
            let transport = try harness.transport(trusting: authority.pem)
            try await TestEndpoint.run(.ok, certificate: authority.issue().limitedToTLS11) { endpoint in
                let outcome = await harness.outcome(transport, try harness.request(endpoint.localhostURL))
                try harness.expect(outcome, .tlsHandshake, .connectionReset, after: "TLS 1.1")
                try harness.expect(endpoint.requests.isEmpty, "the request was sent")
            }
            let answer = TestEndpoint.Script([.send(Array("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".utf8)), .hold])
            try await TestEndpoint.run(answer) { endpoint in
                let request = try harness.request("https://localhost:\(endpoint.port)/", timeout: .seconds(2))
                try await harness.expect(
                    harness.outcome(transport, request), .tlsHandshake, .connectionReset, after: "plain HTTP")
            }
        },
    ]
}
