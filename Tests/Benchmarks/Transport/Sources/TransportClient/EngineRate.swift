import NIOCore
import TaskFlowWebhooks
import WebhookHTTPTransport
import WebhookTesting

/// Measures deliveries per second of the whole engine over the real transport, and of the same requests over the bare
/// transport.
enum EngineRate {
    /// Claims, signs, sends and settles events that were published beforehand, with a given concurrency.
    static func engine(
        _ transport: some WebhookTransport, url: String, concurrency: Int, seconds: Double
    ) async throws -> Double {
        let clock = SystemClock()
        let service = try await service(transport, url: url, concurrency: concurrency)
        // More than can be delivered in the given time.
        try await publish(Int(seconds * 10_000), service)
        let begin = clock.uptime
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await service.run() }
            try await clock.sleep(for: .seconds(seconds))
            service.stop()
            try await group.waitForAll()
        }
        let deliveryCounts = try await service.deliveryCounts()
        precondition(deliveryCounts.failed == 0 && deliveryCounts.open > 0, "\(deliveryCounts)")
        return Double(deliveryCounts.succeeded) / ((clock.uptime - begin) / .seconds(1))
    }

    /// Returns one request of the engine, which the bare transport sends repeatedly.
    static func request(to url: String) async throws -> WebhookRequest {
        let transport = ScriptedTransport(policy: .development, statuses: [200])
        let service = try await service(transport, url: url, concurrency: 4)
        try await publish(1, service)
        async let run: Void = service.run()
        while transport.requests.isEmpty { await Task.yield() }
        service.stop()
        try await run
        return transport.requests[0]
    }

    private static func service(
        _ transport: some WebhookTransport, url: String, concurrency: Int
    ) async throws -> WebhookService {
        var configuration = Dispatcher.Configuration()
        configuration.maximumInFlight = concurrency
        configuration.firstAttemptSlots = concurrency / 4
        configuration.rules.maximumInFlightPerAccount = concurrency
        configuration.rules.maximumInFlightPerWebhook = concurrency
        let clock = SystemClock()
        let service = WebhookService(
            store: InMemoryStore(clock: clock), transport: transport, clock: clock, random: SystemRandomSource(),
            limits: ServiceLimits(deliveriesPerDay: .max, openDeliveriesPerWebhook: .max), configuration: configuration)
        for number in 0..<100 {
            try await service.register(
                WebhookRegistration(url: url, events: [.all], secret: .generate()), account: account(number))
        }
        return service
    }

    /// Alternates ten accounts, since a single one could not use the whole worker.
    private static func account(_ number: Int) -> AccountID { AccountID(unchecked: "acc_\(number % 10)") }

    private static func publish(_ count: Int, _ service: WebhookService) async throws {
        guard let sample = try SampleEvents.sample(of: .taskUpdated) else { return }
        for number in 0..<count {
            try await service.publish(
                Envelope(
                    type: sample.type, data: Array(sample.data), id: EventID(unchecked: "evt_\(number)"),
                    timestamp: sample.timestamp, metadata: EventMetadata(accountID: account(number))))
        }
    }
}
