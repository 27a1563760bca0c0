import Synchronization
import TaskFlowWebhooks
import TestSupport
import Testing
import WebhookConformance
import WebhookStoreKit
import WebhookTesting

@Suite("ShardedStore")
struct ShardedStoreTests {
    /// Cases about turns between accounts, which a sharded store guarantees only within a shard.
    static let withinShards: Set<String> = [
        "Accounts take turns: one with ten webhooks gets no more than one with a single webhook",
        "Webhooks paused by their circuit breaker take no turns",
    ]

    @Test("Conformance, over three stores", arguments: StoreConformance.cases)
    func conformance(_ example: StoreConformance.Case) async throws {
        let isWithin = Self.withinShards.contains(example.name)
        let router = isWithin ? AccountRouter(shards: 3) { _ in 0 } : AccountRouter(shards: 3)
        try await example.run { clock in
            ShardedStore((0..<3).map { _ in InMemoryStore(clock: clock) }, router: router)
        }
    }

    @Test("Accounts are spread evenly, and adding a shard moves accounts only to that shard")
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

    @Test("A failing shard affects only its own accounts")
    func outage() async throws {
        final class Down: ForwardingStore {
            let base: any WebhookStore
            init(_ base: any WebhookStore) { self.base = base }

            struct Failure: Error {}
            func claim(_ request: ClaimRequest) async throws -> ClaimReply { throw Failure() }
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

    /// A store whose calls fail while a test has switched it off.
    final class Switched: ForwardingStore {
        let base: any WebhookStore
        init(_ base: any WebhookStore) { self.base = base }

        struct Failure: Error {}
        private let state = Mutex((isDown: false, calls: 0))

        var isDown: Bool {
            get { state.withLock { $0.isDown } }
            set { state.withLock { $0.isDown = newValue } }
        }
        var calls: Int { state.withLock { $0.calls } }

        private func answer() throws {
            try state.withLock { state in
                state.calls += 1
                if state.isDown { throw Failure() }
            }
        }

        func claim(_ request: ClaimRequest) async throws -> ClaimReply {
            try answer()
            return try await base.claim(request)
        }

        func webhooks(of account: AccountID) async throws -> [Webhook] {
            try answer()
            return try await base.webhooks(of: account)
        }

        func settle(
            _ settlements: [Settlement], rules: DeliveryRules, mayWait: Bool
        ) async throws -> [Delivery.SettleResult] {
            try answer()
            return try await base.settle(settlements, rules: rules, mayWait: mayWait)
        }

        func release(_ releases: [Release], mayWait: Bool) async throws -> [Release] {
            try answer()
            return try await base.release(releases, mayWait: mayWait)
        }
    }

    @Test("A dispatcher continues with the other shards while one fails, and delivers from that one after it recovers")
    func dispatcher() async throws {
        let clock = ManualClock()
        let shards = (0..<2).map { _ in Switched(InMemoryStore(clock: clock)) }
        let store = ShardedStore(shards, router: AccountRouter(shards: 2) { $0 == "acc_down" ? 0 : 1 })
        // The shard goes down while its own requests are in flight.
        let transport = ScriptedTransport { request, _ in
            if request.url.host == "down.example.com" { shards[0].isDown = true }
            return WebhookResponse(status: 200)
        }
        let service = WebhookService(
            store: store, transport: transport, clock: clock, random: SeededRandomSource(seed: 1))
        var samples = SampleEvents(seed: 1)
        for (account, host) in [("acc_down", "down.example.com"), ("acc_well", "well.example.com")] {
            let account = AccountID(unchecked: account)
            let registration = WebhookRegistration(
                url: "https://\(host)/hook", events: [.all], secret: .generate())
            try await service.register(registration, account: account)
            for envelope in try samples.take(20) {
                let data = Array(envelope.data)
                var metadata = envelope.metadata
                metadata.accountID = account
                try await service.publish(
                    Envelope(
                        type: envelope.type, data: data, id: envelope.id, timestamp: envelope.timestamp,
                        metadata: metadata))
            }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await service.run() }
            while try await store.deliveryCounts(of: "acc_well").succeeded < 20 {
                clock.advance(by: min(await clock.waitForSleeper(), .milliseconds(100)))
                await Task.yield()
            }
            #expect(shards[0].isDown)
            #expect(try await store.deliveryCounts(of: "acc_down").succeeded < 20)
            shards[0].isDown = false
            while try await store.deliveryCounts(of: "acc_down").succeeded < 20 {
                shards[0].isDown = false
                clock.advance(by: min(await clock.waitForSleeper(), .milliseconds(100)))
                await Task.yield()
            }
            service.stop()
            try await group.waitForAll()
        }
        #expect(transport.requests.count == 40, "a request was repeated")
    }
}
