import TaskFlowWebhooks
import TestSupport
import Testing
import WebhookConformance
import WebhookStoreKit
import WebhookTesting

/// Tests of the conformance suite itself, which must detect stores that violate a rule.
@Suite("StoreConformance")
struct StoreConformanceTests {
    @Test("A store that ignores fencing tokens fails a case")
    func ignoresTokens() async throws {
        #expect(try await failures { TokenBlindStore(InMemoryStore(clock: $0)) } > 0)
    }

    @Test("A store that does not store events fails a case")
    func forgets() async throws {
        #expect(try await failures { ForgetfulStore(InMemoryStore(clock: $0)) } > 0)
    }

    @Test("A store that ignores Retry-After fails the cases of backing off")
    func losesRetryAfter() async throws {
        final class Hasty: ForwardingStore {
            let base: any WebhookStore
            init(_ base: any WebhookStore) { self.base = base }

            func settle(
                _ settlements: [Settlement], rules: DeliveryRules, mayWait: Bool
            ) async throws -> [Delivery.SettleResult] {
                let without = settlements.map {
                    Settlement(lease: $0.lease, attempt: $0.attempt, outcome: $0.outcome, decision: $0.decision)
                }
                return try await base.settle(without, rules: rules, mayWait: mayWait)
            }
        }
        let failed = try await failed { Hasty(InMemoryStore(clock: $0)) }
        #expect(failed.contains { $0.hasPrefix("Retry-After pauses the whole webhook") })
        #expect(failed.contains { $0.hasPrefix("A success of a request that was in flight ends the back-off") })
    }

    @Test("A store that defers one delivery per claim, or charged deliveries too, fails the daily limit case")
    func putsOffOneByOne() async throws {
        final class Slow: ForwardingStore {
            let base: any WebhookStore
            init(_ base: any WebhookStore) { self.base = base }

            func claim(_ request: ClaimRequest) async throws -> ClaimReply {
                var part = request
                part.count = 1
                return try await base.claim(part)
            }
        }
        final class Forgetting: ForwardingStore {
            let base: any WebhookStore
            init(_ base: any WebhookStore) { self.base = base }

            func release(_ releases: [Release], mayWait: Bool) async throws -> [Release] { [] }
        }
        let name = "Over the daily limit the backlog is deferred"
        for make in [{ Slow(InMemoryStore(clock: $0)) }, { Forgetting(InMemoryStore(clock: $0)) }]
            as [(
                ManualClock
            ) -> any WebhookStore]
        {
            #expect(try await failed(make).contains { $0.hasPrefix(name) })
        }
    }

    private func failed(_ makeStore: (ManualClock) -> any WebhookStore) async throws -> [String] {
        var failed: [String] = []
        for example in StoreConformance.cases {
            do { try await example.run(makeStore) } catch is ConformanceFailure { failed.append(example.name) }
        }
        return failed
    }

    private func failures(_ makeStore: (ManualClock) -> any WebhookStore) async throws -> Int {
        var failures = 0
        for example in StoreConformance.cases {
            do { try await example.run(makeStore) } catch is ConformanceFailure { failures += 1 }
        }
        return failures
    }
}

/// A store that reports events as published without storing them.
private final class ForgetfulStore: ForwardingStore {
    let base: any WebhookStore
    init(_ base: any WebhookStore) { self.base = base }

    func publish(_ publication: EventPublication) async throws -> PublishReceipt {
        PublishReceipt(eventID: publication.envelope.id, isDuplicate: false, entries: [])
    }
}

extension StoreConformanceTests {
    @Test("A failure because of a wrong clock says so")
    func wrongClock() async throws {
        let failures = await StoreConformance.cases.asyncFailures { _ in InMemoryStore(clock: ManualClock()) }
        #expect(!failures.isEmpty)
        #expect(failures.allSatisfy { $0.contains("does not use the clock that it was given") })
    }
}

extension [StoreConformance.Case] {
    /// Returns the descriptions of all failures.
    fileprivate func asyncFailures(_ makeStore: (ManualClock) -> any WebhookStore) async -> [String] {
        var failures: [String] = []
        for example in self {
            do { try await example.run(makeStore) } catch let failure as ConformanceFailure {
                failures.append("\(failure)")
            } catch {}
        }
        return failures
    }
}
