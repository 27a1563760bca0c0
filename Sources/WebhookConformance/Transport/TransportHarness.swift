internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookLimits
internal import WebhookPayload
internal import WebhookRetries

/// A factory for transports, and helpers that keep the cases short.
struct TransportHarness: Sendable {
    let makeTransport: @Sendable (TransportConformance.Setup) throws -> any WebhookTransport

    /// The outcome of a request, and its duration.
    struct Outcome {
        let result: Result<WebhookResponse, any Error>
        /// The duration of the request, minus the scheduling delays of this machine in the meantime.
        let duration: Duration

        var status: Int? { try? result.get().status }

        var failure: TransportFailure? {
            if case .failure(let error as TransportError) = result { error.failure } else { nil }
        }
    }

    func transport(
        _ policy: EndpointPolicy = .development, trusting rootCertificates: [UInt8] = [],
        lookup: @escaping @Sendable (String) async throws -> [IPAddress] = { _ in [IPAddress(v4: 0x7F00_0001)] }
    ) throws -> any WebhookTransport {
        try makeTransport(
            TransportConformance.Setup(policy: policy, rootCertificates: rootCertificates, lookup: lookup))
    }

    func request(
        _ url: String, headers: HeaderFields = ["X-TaskFlow-Event": "task.created"], body: [UInt8] = Array("{}".utf8),
        timeout: Duration = .seconds(5)
    ) throws -> WebhookRequest {
        WebhookRequest(url: try EndpointURL(url, policy: Self.anywhere), headers: headers, body: body, timeout: timeout)
    }

    /// A policy that accepts the URLs that transports must refuse.
    private static let anywhere: EndpointPolicy = {
        var policy = EndpointPolicy.development
        policy.allowedBlocks = ["0.0.0.0/0", "::/0"]
        return policy
    }()

    func outcome(_ transport: any WebhookTransport, _ request: WebhookRequest) async -> Outcome {
        let clock = ContinuousClock()
        let start = clock.now
        let lateness = Task { await Self.lateness(since: start) }
        let result: Result<WebhookResponse, any Error>
        do { result = .success(try await transport.send(request)) } catch { result = .failure(error) }
        let duration = clock.now - start
        lateness.cancel()
        return Outcome(result: result, duration: max(min(duration, request.timeout), duration - (await lateness.value)))
    }

    /// Returns the total delay of short sleeps beyond their duration, measured until the task is cancelled.
    private static func lateness(since start: ContinuousClock.Instant) async -> Duration {
        let clock = ContinuousClock()
        var (late, expected) = (Duration.zero, start)
        while !Task.isCancelled {
            expected += .milliseconds(20)
            try? await clock.sleep(until: expected)
            let now = clock.now
            if now > expected + .milliseconds(20) { late += now - expected }
            expected = now
        }
        return late
    }

    /// Sends one request to an endpoint with the given script.
    func outcome(_ script: TestEndpoint.Script, timeout: Duration = .seconds(5)) async throws -> Outcome {
        try await TestEndpoint.run(script) { endpoint in
            let outcome = try await outcome(transport(), request(endpoint.url, timeout: timeout))
            try expect(outcome.status == nil || endpoint.connectionCount > 0, "a response without a connection")
            return outcome
        }
    }

    func expect(_ condition: Bool, _ what: @autoclosure () -> String) throws {
        if !condition { throw ConformanceFailure(description: what()) }
    }

    func expect(_ outcome: Outcome, status: Int, _ what: String) throws {
        try expect(outcome.status == status, "\(what): expected the status \(status), got \(outcome.result)")
    }

    func expect(_ outcome: Outcome, _ failures: TransportFailure..., after what: String) throws {
        try expect(
            outcome.failure.map(failures.contains) ?? false,
            "\(what): expected \(failures.map(\.rawValue).joined(separator: " or ")), got \(outcome.result)")
    }

    /// Fails unless the request ended at the deadline, at most 10 ms before and 0.3 s after it.
    func expect(_ outcome: Outcome, endedAt deadline: Duration, _ what: String) throws {
        let range = deadline - .milliseconds(10)...deadline + .milliseconds(300)
        try expect(range.contains(outcome.duration), "\(what): ended after \(outcome.duration), not after \(deadline)")
    }
}
