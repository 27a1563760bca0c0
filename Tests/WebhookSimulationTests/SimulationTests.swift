import TaskFlowWebhooks
import TestSupport
import Testing
import WebhookReceiving
import WebhookSimulation
import WebhookTesting

/// Runs the engine with every fault of the simulator.
///
/// `bash Tests/Simulation/run.sh` runs many more seeds, and planted bugs.
@Suite("Simulation", .timeLimit(.minutes(2)))
struct SimulationTests {
    @Test("200 seeds have no violations", arguments: [1, 51, 101, 151] as [UInt64])
    func seeds(from first: UInt64) async throws {
        let reports = try await onThread { try (first..<first + 50).map { try Simulation().run(seed: $0) } }
        for report in reports { #expect(report.violations.isEmpty, "\(report)") }
    }

    @Test("The same seed gives the same run, with and without a log")
    func deterministic() async throws {
        for seed in 1...20 as ClosedRange<UInt64> {
            let reports = try await onThread {
                try [false, true].map { try Simulation().run(seed: seed, keepsLog: $0) }
            }
            #expect(reports[0].hash == reports[1].hash, "seed \(seed)")
            #expect(reports[0].steps == reports[1].steps, "seed \(seed)")
        }
    }

    // A change of the engine or of the simulator changes these hashes, which were computed in release mode.
    // `Simulate 1 3 hashes` prints the new ones.
    @Test("The same seed gives the same run on every machine")
    func everywhere() throws {
        let hashes = try (1...3 as ClosedRange<UInt64>).map { try Simulation().run(seed: $0).hash }
        #expect(hashes == [1_095_187_197_680_331_637, 12_543_979_116_981_470_798, 8_449_111_362_997_009_672])
    }

    @Test("A deduplication store that treats claimed events as handled is detected, because events are lost")
    func findsForgetfulConsumers() async throws {
        let found = try await onThread {
            let simulation = Simulation(makeDeduplication: { ClaimIsEnough() })
            return (1...500 as ClosedRange<UInt64>).lazy.compactMap {
                try? simulation.run(seed: $0).violations.first
            }.first
        }
        #expect(found?.contains("R1") == true, "\(found ?? "nothing was found")")
    }

    @Test("A backlog for a hanging endpoint does not double the latency of another account")
    func fairness() async throws {
        let report = try await onThread { try Simulation().fairness(backlog: 2000, events: 300) }
        #expect(report.alone.count == 300)
        #expect(report.beside.count == 300)
        let ratio = try #require(report.ratio)
        #expect(ratio < 2, "\(report)")
    }

    @Test("Hostile accounts do not harm another account", arguments: Hostility.allCases)
    func neighbours(hostility: Hostility) async throws {
        let report = try await onThread { try Simulation().neighbours(hostility, accounts: 10, events: 200) }
        #expect(report.alone.count == 200)
        #expect(report.isUnharmed, "\(report.beside.percentile(0.99) ?? .zero)")
    }

    @Test("A store that ignores fencing tokens is detected, and its failure is shrunk")
    func findsAndShrinks() async throws {
        let (seed, left, report) = try await onThread {
            let simulation = Simulation { TokenBlindStore(InMemoryStore(clock: $0)) }
            let seed = try #require(
                try (1...500 as ClosedRange<UInt64>).first { try !simulation.run(seed: $0).violations.isEmpty })
            let (left, report) = try #require(try simulation.shrink(seed: seed))
            return (seed, left, report)
        }
        #expect(!left.quiet.isEmpty, "nothing could be left out")
        #expect(!report.violations.isEmpty)
        #expect(report.description.contains("SIM seed=\(seed)"))
        #expect(!report.log.isEmpty)
    }
}

/// A deduplication store that reports an event as handled as soon as it is claimed.
private struct ClaimIsEnough: DeduplicationStore {
    let base = InMemoryDeduplication()

    func claim(
        _ key: DeduplicationKey, now: Timestamp, until leaseEnd: Timestamp
    ) async throws -> DeduplicationResult {
        let result = try await base.claim(key, now: now, until: leaseEnd)
        if case .claimed(let claim) = result { try await base.commit(claim, keepUntil: Timestamp(microseconds: .max)) }
        return result
    }

    func commit(_ claim: DeduplicationClaim, keepUntil expiry: Timestamp) async throws {}
    func release(_ claim: DeduplicationClaim) async throws {}
}
