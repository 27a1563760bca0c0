import Foundation
import Synchronization
import TaskFlowWebhooks
import WebhookTesting

/// A store with deliveries in it, for what is measured on the engine.
struct Pending {
    let clock = SystemClock()
    let store: InMemoryStore
    let service: WebhookService
    /// Events of about 1 KB whose identifiers never repeat.
    private let sample: Envelope
    private let accounts: [AccountID]
    private let transport: any WebhookTransport
    private let limits: WebhookLimits

    /// Registers webhooks in an empty store.
    ///
    /// - Parameters:
    ///   - accounts: How many accounts there are, each with ten webhooks or as many as said.
    ///   - webhooks: How many webhooks an account has; each gets every event.
    ///   - transport: What sends.
    /// - Throws: What registering throws.
    init(
        accounts: Int, webhooks: Int = 10, transport: any WebhookTransport
    ) async throws {
        guard let sample = try Inputs.sample() else { throw CocoaError(.fileReadNoSuchFile) }
        self.sample = sample
        self.accounts = (0..<accounts).map { AccountID(unchecked: "acc_\($0)") }
        store = InMemoryStore(clock: clock)
        limits = WebhookLimits(webhooksPerAccount: webhooks, deliveriesPerDay: .max, openDeliveriesPerWebhook: .max)
        self.transport = transport
        service = WebhookService(
            store: store, transport: transport, clock: clock, random: SystemRandomSource(), limits: limits)
        for account in self.accounts {
            for number in 0..<webhooks {
                try await service.register(
                    WebhookRegistration(
                        url: "https://endpoint-\(number).example.com/", events: [.all], secret: .generate()),
                    account: account)
            }
        }
    }

    /// Another service on the same store.
    func anotherService() -> WebhookService {
        WebhookService(
            store: store, transport: transport, clock: clock, random: SystemRandomSource(), limits: limits)
    }

    /// An event of an account.
    func event(_ number: Int, of account: Int) throws -> Envelope {
        try Envelope(
            type: sample.type, data: Array(sample.data), id: EventID(unchecked: "evt_\(10_000_000 + number)"),
            timestamp: sample.timestamp, metadata: EventMetadata(accountID: accounts[account]))
    }

    /// Publishes events, the accounts one after the other.
    func publish(_ numbers: Range<Int>) async throws {
        for number in numbers { try await service.publish(event(number, of: number % accounts.count)) }
    }
}

/// A transport that answers at once, and does something when it has answered often enough.
final class InstantTransport: WebhookTransport {
    private struct State {
        var left = Int.max
        var then: @Sendable () -> Void = {}
    }

    let policy = EndpointPolicy.production
    private let state = Mutex(State())

    /// Calls the closure when so many more requests were answered.
    func after(_ count: Int, _ then: @escaping @Sendable () -> Void) {
        state.withLock { $0 = State(left: count, then: then) }
    }

    func send(_ request: WebhookRequest) async throws -> WebhookResponse {
        let then = state.withLock { state in
            state.left -= 1
            return state.left == 0 ? state.then : nil
        }
        then?()
        return WebhookResponse(status: 200)
    }
}
