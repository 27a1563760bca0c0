// Guide: a sender
import TaskFlowWebhooks
import Testing
import WebhookTesting

@Suite("My backend's webhooks")
struct MySenderTests {
    let clock = ManualClock()

    func service(_ transport: ScriptedTransport) -> WebhookService {
        WebhookService(
            store: InMemoryStore(clock: clock), transport: transport, clock: clock, random: SeededRandomSource(seed: 1))
    }

    @Test("An endpoint that is down gets six attempts over seven hours")
    func schedule() async throws {
        let service = service(ScriptedTransport(statuses: [500]))
        let policy = try RetryPolicy(schedule: RetryPolicy.standard.schedule, jitter: 0)
        try await service.register(
            WebhookRegistration(
                url: "https://example.com/hook", events: [.all], secret: .generate(), retryPolicy: policy),
            account: "acc_123")
        let event = try #require(try SampleEvents.sample(of: .taskCreated))
        try await service.publish(event)

        try await clock.run(service)
        let attempts = try await service.deliveries(Delivery.Query(accountID: "acc_123"))[0].attempts
        let waits = zip(attempts, attempts.dropFirst()).map { $1.startedAt - $0.endedAt }
        #expect(waits == [.seconds(5), .seconds(30), .seconds(300), .seconds(3600), .seconds(21_600)])
    }

    @Test("An endpoint that recovers gets the same bytes and the same delivery identifier")
    func retries() async throws {
        let transport = ScriptedTransport(statuses: [503, 200])
        let service = service(transport)
        try await service.register(
            WebhookRegistration(url: "https://example.com/hook", events: [.all], secret: .generate()),
            account: "acc_123")
        try await service.publish(try #require(try SampleEvents.sample(of: .taskCreated)))

        try await clock.run(service, for: .seconds(60))
        #expect(transport.requests.count == 2)
        #expect(transport.requests[0].body == transport.requests[1].body)
        let ids = transport.requests.map { $0.headers["X-TaskFlow-Delivery-ID"] }
        #expect(ids[0] == ids[1])
    }
}
// Guide: end
