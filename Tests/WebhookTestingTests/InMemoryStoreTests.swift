import TaskFlowWebhooks
import Testing
import WebhookTesting

@Suite("InMemoryStore")
struct InMemoryStoreTests {
    @Test("Conformance", arguments: StoreConformance.cases)
    func conformance(_ example: StoreConformance.Case) async throws {
        try await example.run { clock in InMemoryStore(clock: clock) }
    }
}

/// The suite itself is tested: a store that breaks a rule must be caught.
@Suite("StoreConformance")
struct StoreConformanceTests {
    @Test("A store that ignores fencing tokens is caught")
    func ignoresTokens() async throws {
        #expect(try await failures { TokenBlindStore(InMemoryStore(clock: $0)) } > 0)
    }

    @Test("A store that forgets what it was given is caught")
    func forgets() async throws {
        #expect(try await failures { ForgetfulStore(InMemoryStore(clock: $0)) } > 0)
    }

    private func failures(_ makeStore: (ManualClock) -> any WebhookStore) async throws -> Int {
        var failures = 0
        for example in StoreConformance.cases {
            do { try await example.run(makeStore) } catch is ConformanceFailure { failures += 1 }
        }
        return failures
    }
}

/// Settles by delivery, whatever the token says: the fault that lets a stalled worker overwrite its successor.
private final class TokenBlindStore: StoreWrapper, @unchecked Sendable {
    override func settle(_ settlements: [Settlement]) async throws -> [DeliveryState.OnSettle] {
        let current = try await base.deliveries(DeliveryQuery(account: "acc_1", limit: 1000))
        let blind = settlements.map { settlement in
            let state = current.first { $0.delivery.id == settlement.lease.delivery }?.delivery.state
            let lease = Lease(
                delivery: settlement.lease.delivery, webhook: settlement.lease.webhook,
                token: state?.token ?? settlement.lease.token)
            return Settlement(lease: lease, attempt: settlement.attempt, decision: settlement.decision)
        }
        return try await base.settle(blind)
    }
}

/// Says that it has published, and has not.
private final class ForgetfulStore: StoreWrapper, @unchecked Sendable {
    override func publish(_ publication: EventPublication) async throws -> PublishReceipt {
        PublishReceipt(event: publication.envelope.id, isDuplicate: false, entries: [])
    }
}

private class StoreWrapper: WebhookStore, @unchecked Sendable {
    let base: any WebhookStore

    init(_ base: any WebhookStore) { self.base = base }

    func create(_ webhook: RegisteredWebhook, limit: Int) async throws { try await base.create(webhook, limit: limit) }
    func webhooks(of account: AccountID) async throws -> [Webhook] { try await base.webhooks(of: account) }
    func setState(of id: WebhookID, account: AccountID, to state: Webhook.State) async throws -> Webhook? {
        try await base.setState(of: id, account: account, to: state)
    }
    func delete(_ id: WebhookID, account: AccountID) async throws -> Bool {
        try await base.delete(id, account: account)
    }
    func publish(_ publication: EventPublication) async throws -> PublishReceipt { try await base.publish(publication) }
    func claim(_ request: ClaimRequest) async throws -> ClaimReply { try await base.claim(request) }
    func settle(_ settlements: [Settlement]) async throws -> [DeliveryState.OnSettle] {
        try await base.settle(settlements)
    }
    func release(_ leases: [Lease]) async throws { try await base.release(leases) }
    func deliveries(_ query: DeliveryQuery) async throws -> [DeliveryHistory] { try await base.deliveries(query) }
    func ledger(of account: AccountID?) async throws -> Ledger { try await base.ledger(of: account) }
}
