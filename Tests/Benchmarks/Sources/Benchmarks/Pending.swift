import Foundation
import Synchronization
import TaskFlowWebhooks
import WebhookTesting

/// A store with deliveries, for measurements of the engine.
struct Pending {
    let clock = SystemClock()
    let store: InMemoryStore
    let service: WebhookService
    /// A sample event of about 1 KB; identifiers of events never repeat.
    private let sample: Envelope
    private let accounts: [AccountID]
    private let transport: any WebhookTransport
    private let limits: ServiceLimits

    /// Registers webhooks in an empty store.
    ///
    /// - Parameters:
    ///   - accounts: The number of accounts.
    ///   - webhooks: The number of webhooks per account; each gets every event.
    ///   - transport: The transport.
    /// - Throws: What registering throws.
    init(
        accounts: Int, webhooks: Int = 10, transport: any WebhookTransport
    ) async throws {
        guard let sample = try Inputs.sample() else { throw CocoaError(.fileReadNoSuchFile) }
        self.sample = sample
        self.accounts = (0..<accounts).map { AccountID(unchecked: "acc_\($0)") }
        store = InMemoryStore(clock: clock)
        limits = ServiceLimits(webhooksPerAccount: webhooks, deliveriesPerDay: .max, openDeliveriesPerWebhook: .max)
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

    /// Returns another service on the same store.
    func anotherService() -> WebhookService {
        WebhookService(
            store: store, transport: transport, clock: clock, random: SystemRandomSource(), limits: limits)
    }

    /// Returns an event of an account.
    func event(_ number: Int, of account: Int) throws -> Envelope {
        try Envelope(
            type: sample.type, data: Array(sample.data), id: EventID(unchecked: "evt_\(10_000_000 + number)"),
            timestamp: sample.timestamp, metadata: EventMetadata(accountID: accounts[account]))
    }

    /// Publishes events; the accounts alternate.
    func publish(_ numbers: Range<Int>) async throws {
        for number in numbers { try await service.publish(event(number, of: number % accounts.count)) }
    }
}

/// A transport that answers immediately, and calls a closure after a number of answers.
final class InstantTransport: WebhookTransport {
    private struct State {
        var left = Int.max
        var then: @Sendable () -> Void = {}
    }

    let policy = EndpointPolicy.production
    private let state = Mutex(State())

    /// Calls the closure after this number of further answers.
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
