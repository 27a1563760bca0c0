import TaskFlowWebhooks
import WebhookTesting

/// Measures the whole engine with an in-memory store and a transport that answers immediately.
enum EngineBenchmark {
    private static let deliveries = 20_000

    static func run() async throws {
        var (publishing, delivering): ([Double], [Double]) = ([], [])
        for _ in 0..<5 {
            let transport = InstantTransport()
            let pending = try await Pending(accounts: 20, webhooks: 5, transport: transport)
            let (clock, events) = (ContinuousClock(), deliveries / 5)
            let envelopes = try (0..<events).map { try pending.event($0, of: $0 % 20) }
            let start = clock.now
            for envelope in envelopes { try await pending.service.publish(envelope) }
            let published = clock.now
            transport.after(deliveries) { pending.service.stop() }
            try await pending.service.run()
            delivering.append((clock.now - published) / .nanoseconds(1) / Double(deliveries))
            publishing.append((published - start) / .nanoseconds(1) / Double(deliveries))
            let deliveryCounts = try await pending.service.deliveryCounts()
            precondition(deliveryCounts.succeeded == deliveries, "\(deliveryCounts)")
        }
        report("publish 1 KB to 5 webhooks, per delivery", median(publishing))
        report("claim, sign, send and settle 1 KB", median(delivering))
    }
}
