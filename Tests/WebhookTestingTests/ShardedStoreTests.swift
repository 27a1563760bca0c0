import TaskFlowWebhooks
import TestSupport
import Testing
import WebhookTesting

@Suite("ShardedStore")
struct ShardedStoreTests {
    /// Between accounts of different shards there are no turns: each shard gives its part.
    static let withinShards: Set<String> = [
        "Accounts take turns: one with ten webhooks gets no more than one with a single one",
        "Webhooks that pause take no turns from those that do not",
    ]

    @Test("Conformance, over three stores", arguments: StoreConformance.cases)
    func conformance(_ example: StoreConformance.Case) async throws {
        let isWithin = Self.withinShards.contains(example.name)
        let router = isWithin ? AccountRouter(shards: 3) { _ in 0 } : AccountRouter(shards: 3)
        try await example.run { clock in
            ShardedStore((0..<3).map { _ in InMemoryStore(clock: clock) }, router: router)
        }
    }

    @Test("Accounts are spread evenly, and a shard more moves only those that go to it")
    func routing() {
        let accounts = (0..<10_000).map { AccountID(unchecked: "acc_\($0)") }
        for shards in 1...8 {
            let router = AccountRouter(shards: shards)
            let larger = AccountRouter(shards: shards + 1)
            var counts = [Int](repeating: 0, count: shards)
            for account in accounts {
                counts[router.shard(of: account)] += 1
                #expect([router.shard(of: account), shards].contains(larger.shard(of: account)))
            }
            #expect(counts.allSatisfy { abs($0 - 10_000 / shards) < 10_000 / shards / 5 + 1 }, "\(counts)")
        }
    }

    @Test("A shard that is down holds up only its own accounts")
    func outage() async throws {
        final class Down: ForwardingStore, @unchecked Sendable {
            struct Failure: Error {}
            override func claim(_ request: ClaimRequest) async throws -> ClaimReply { throw Failure() }
        }
        let clock = ManualClock()
        let well = InMemoryStore(clock: clock)
        let store = ShardedStore(
            [Down(InMemoryStore(clock: clock)), well],
            router: AccountRouter(shards: 2) { $0 == "acc_down" ? 0 : 1 })
        let service = WebhookService(
            store: store, transport: ScriptedTransport(statuses: []), clock: clock, random: SeededRandomSource(seed: 1))
        let registration = WebhookRegistration(url: "https://example.com/hook", events: [.all], secret: .generate())
        try await service.register(registration, account: "acc_123")
        var samples = SampleEvents(seed: 1)
        for envelope in try samples.take(4) { try await service.publish(envelope) }
        #expect(try await store.claim(ClaimRequest(count: 10)).deliveries.count == 4)
        let allDown = ShardedStore([Down(well)])
        await #expect(throws: Down.Failure.self) { try await allDown.claim(ClaimRequest(count: 1)) }
    }
}
