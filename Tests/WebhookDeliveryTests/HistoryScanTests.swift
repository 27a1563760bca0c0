import Synchronization
import TaskFlowWebhooks
import TestSupport
import Testing
import WebhookStoreKit
import WebhookTesting

/// Tests of the limits on scans of whole histories.
@Suite struct HistoryScanTests {
    /// A store whose statistics calls wait until they are released.
    private final class HangingStore: ForwardingStore {
        let base: any WebhookStore
        init(_ base: any WebhookStore) { self.base = base }

        private let gate = Mutex<(isOpen: Bool, running: Int)>((false, 0))

        var running: Int { gate.withLock { $0.running } }

        func letGo() { gate.withLock { $0.isOpen = true } }

        func statistics(
            of webhook: WebhookID, account: AccountID, over window: DeliveryStatistics.Window
        ) async throws -> DeliveryStatistics {
            gate.withLock { $0.running += 1 }
            while !gate.withLock({ $0.isOpen }) { await Task.yield() }
            return try await base.statistics(of: webhook, account: account, over: window)
        }
    }

    @Test(
        "One account's scans leave room for those of the next; beyond its share, the error has a time to retry",
        .timeLimit(.minutes(3)))
    func shares() async throws {
        let clock = ManualClock()
        let store = HangingStore(InMemoryStore(clock: clock))
        let service = WebhookService(
            store: store, transport: ScriptedTransport(statuses: [200]), clock: clock, random: SystemRandomSource())
        let accounts: [AccountID] = ["acc_greedy", "acc_next"]
        var webhooks: [AccountID: WebhookID] = [:]
        for account in accounts {
            let registration = WebhookRegistration(url: "https://example.com", events: [.all], secret: .generate())
            webhooks[account] = try await service.register(registration, account: account).id
        }
        let ids = webhooks
        let refused = try await withThrowingTaskGroup(of: Bool.self) { group in
            for account in accounts {
                let before = store.running
                for _ in 0..<8 {
                    group.addTask {
                        let id = ids[account] ?? "wh_1"
                        do { return try await service.statistics(of: id, account: account) == nil } catch is LimitError
                        {
                            return true
                        }
                    }
                }
                while store.running < before + (account == "acc_greedy" ? 8 : 4) { await Task.yield() }
            }
            do {
                _ = try await service.statistics(of: ids["acc_greedy"] ?? "wh_1", account: "acc_greedy")
                Issue.record("a ninth scan was allowed")
            } catch let error as LimitError {
                #expect(error.code == .requestsInFlight)
                #expect(error.retryAt == clock.now + .seconds(1))
            }
            let filter = Replay.Filter(
                webhookID: ids["acc_greedy"] ?? "wh_1", since: Timestamp(microseconds: 0), until: clock.now)
            await #expect(throws: LimitError.self) { try await service.deliveryCounts(of: "acc_greedy") }
            await #expect(throws: LimitError.self) { try await service.replay(filter, account: "acc_greedy") }
            store.letGo()
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(refused == 4, "scans of the second account")
        #expect(try await service.statistics(of: ids["acc_greedy"] ?? "wh_1", account: "acc_greedy") != nil)
    }
}
