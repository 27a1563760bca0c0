import TaskFlowWebhooks
import Testing
import WebhookTesting

@Suite("Recording of attempts", .timeLimit(.minutes(1)))
struct AttemptRecordingTests {
    private let clock = ManualClock()

    /// Delivers one event to an endpoint with one response, and returns its only attempt.
    private func attempt(
        _ recording: Attempt.Recording = Attempt.Recording(), prunedAfter age: Duration? = nil,
        script: @escaping ScriptedTransport.Script
    ) async throws -> Attempt {
        var configuration = Dispatcher.Configuration()
        configuration.recording = recording
        let service = WebhookService(
            store: InMemoryStore(clock: clock), transport: ScriptedTransport(script: script), clock: clock,
            random: SeededRandomSource(seed: 7), configuration: configuration)
        try await service.register(
            WebhookRegistration(
                url: "https://example.com/hook?token=1", events: [.all], secret: .generate(),
                headers: CustomHeaders(["Authorization": "Bearer secret"]), retryPolicy: RetryPolicy(clamping: [])),
            account: "acc_123")
        let receipt = try await service.publish(
            TaskCreated(WebhookServiceTests.task), account: "acc_123", id: "evt_1")
        try await clock.run(service)
        if let age {
            clock.advance(by: age)
            try await service.prune(olderThan: .seconds(30 * 86_400))
        }
        let id = try #require(receipt.deliveryIDs.first)
        return try #require(try await service.delivery(id, account: "acc_123")?.attempts.first)
    }

    private static func failure(_ body: [UInt8], _ headers: [(String, String)] = []) -> WebhookResponse {
        WebhookResponse(status: 500, headers: HeaderFields(headers), body: body, address: IPAddress("192.0.2.7"))
    }

    @Test("A failure keeps the request as sent, without custom values, and what the endpoint answered")
    func failure() async throws {
        let trace = Array(repeating: "  at main.swift:7\n", count: 100).joined()
        let attempt = try await attempt { _, _ in
            Self.failure(Array(trace.utf8), [("Content-Type", "text/plain"), ("Set-Cookie", "session=1")])
        }
        let exchange = try #require(attempt.exchange)
        #expect(exchange.url == "https://example.com/hook?token=1")
        #expect(exchange.address?.description == "192.0.2.7")
        #expect(exchange.requestHeaders[HeaderName.event] == "task.created")
        #expect(exchange.requestHeaders[HeaderName.signature]?.hasPrefix("sha256=") == true)
        #expect(exchange.requestHeaders["Authorization"] == Attempt.Exchange.hiddenValue)
        #expect(exchange.requestLength > 100)
        let response = try #require(exchange.response)
        #expect(response.headers.lines.map(\.name) == ["Content-Type"])
        #expect(response.body == Array(trace.utf8))
        #expect(response.isBodyComplete)
        #expect(!"\(attempt)".contains("token") && !"\(attempt)".contains("main.swift"))
    }

    @Test("Header fields and bodies are bounded, whatever the endpoint sends")
    func bounds() async throws {
        let long = String(repeating: "é", count: 10_000)
        let fields = Array(repeating: ("Via", long), count: 100)
        let attempt = try await attempt { _, _ in Self.failure(Array(repeating: 0, count: 40_000), fields) }
        let response = try #require(attempt.exchange?.response)
        #expect(response.headers.lines.count == Attempt.Exchange.Response.maximumHeaders)
        #expect(response.headers.lines.allSatisfy { $0.value.utf8.count == 256 })
        #expect(response.body?.count == WebhookResponse.maximumBodyLength)
        #expect(!response.isBodyComplete)
    }

    @Test(
        "Successes and failures keep as much as configured",
        arguments: [
            (200, Attempt.Recording.Detail.nothing), (200, .headers), (200, .body), (500, .nothing), (500, .headers),
            (500, .body),
        ])
    func details(status: Int, detail: Attempt.Recording.Detail) async throws {
        var recording = Attempt.Recording()
        if status == 200 { recording.successes = detail } else { recording.failures = detail }
        let attempt = try await attempt(recording) { _, _ in WebhookResponse(status: status, body: [1]) }
        #expect((attempt.exchange != nil) == (detail > .nothing))
        #expect(attempt.exchange?.response?.body == (detail == .body ? [1] : nil))
    }

    @Test("By default a success keeps no body, and a failure does")
    func defaults() async throws {
        #expect(Attempt.Recording().successes == .headers)
        #expect(Attempt.Recording().failures == .body)
    }

    @Test("A failure without a response keeps the request and the address that was reached")
    func noResponse() async throws {
        let attempt = try await attempt { _, _ in
            throw TransportError(.connectionReset, "lost", address: IPAddress("192.0.2.8"))
        }
        let exchange = try #require(attempt.exchange)
        #expect(exchange.address?.description == "192.0.2.8")
        #expect(exchange.response == nil)
    }

    @Test("Pruning removes bodies after three days, and keeps the rest", arguments: [(2, true), (4, false)])
    func lifetime(days: Int, isKept: Bool) async throws {
        let attempt = try await attempt(prunedAfter: .seconds(days * 86_400)) { _, _ in Self.failure([1, 2, 3]) }
        let response = try #require(attempt.exchange?.response)
        #expect((response.body != nil) == isKept)
        #expect(response.bodyLength == 3)
    }
}
