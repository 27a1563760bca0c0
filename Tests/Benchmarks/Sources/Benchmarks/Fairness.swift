import Synchronization
import TaskFlowWebhooks
import WebhookTesting

/// Measures how long an account's deliveries wait for their requests, alone and beside another account's hanging
/// backlog.
enum FairnessBenchmark {
    private static let backlog = 100_000
    private static let events = 500

    static func run() async throws {
        report("first request after publishing, p99, alone", try await wait(beside: 0))
        report("first request after publishing, p99, beside 100 000 that hang", try await wait(beside: backlog))
    }

    /// Returns the 99th percentile in nanoseconds.
    private static func wait(beside backlog: Int) async throws -> Double {
        let transport = HangingTransport(clock: SystemClock())
        let pending = try await Pending(accounts: 2, webhooks: 1, transport: transport)
        for number in 0..<backlog { try await pending.service.publish(pending.event(number, of: 0)) }
        for webhook in try await pending.service.webhooks(of: "acc_0") {
            var update = Webhook.Update()
            update.url = HangingTransport.url
            try await pending.service.update(webhook.id, update, account: "acc_0")
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await pending.service.run() }
            // Wait until the backlog has taken all the slots that it may have.
            try await pending.clock.sleep(for: .milliseconds(500))
            for number in backlog..<backlog + events {
                let event = try pending.event(number, of: 1)
                transport.published(event.id)
                try await pending.service.publish(event)
                try await pending.clock.sleep(for: .milliseconds(10))
            }
            group.cancelAll()
            while await group.nextResult() != nil {}
        }
        let waits = transport.waits.sorted()
        precondition(waits.count == events, "\(waits.count) of \(events) were sent")
        return waits[waits.count * 99 / 100] / .nanoseconds(1)
    }
}

/// A transport with one endpoint that never answers; all others answer immediately.
private final class HangingTransport: WebhookTransport {
    static let url = "https://hanging.example.com/"

    private struct State {
        var publishedAt: [String: Duration] = [:]
        var waits: [Duration] = []
    }

    let policy = EndpointPolicy.production
    private let clock: SystemClock
    private let state = Mutex(State())

    init(clock: SystemClock) { self.clock = clock }

    func published(_ event: EventID) {
        let now = clock.uptime
        state.withLock { $0.publishedAt[event.rawValue] = now }
    }

    var waits: [Duration] { state.withLock { $0.waits } }

    func send(_ request: WebhookRequest) async throws -> WebhookResponse {
        let now = clock.uptime
        guard request.url.description != Self.url else {
            try await clock.sleep(for: request.timeout)
            throw TransportError(.responseTimeout, "no answer")
        }
        state.withLock { state in
            guard let begin = state.publishedAt.removeValue(forKey: request.headers["webhook-id"] ?? "") else { return }
            state.waits.append(now - begin)
        }
        return WebhookResponse(status: 200)
    }
}
