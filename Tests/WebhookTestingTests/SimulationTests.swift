import TaskFlowWebhooks
import TestSupport
import Testing
import WebhookTesting

/// The engine under every fault the simulator knows; `bash Tests/Simulation/run.sh` runs many more seeds, and planted bugs.
@Suite("Simulation", .timeLimit(.minutes(2)))
struct SimulationTests {
    @Test("200 seeds violate nothing", arguments: [1, 51, 101, 151] as [UInt64])
    func seeds(from first: UInt64) throws {
        for seed in first..<first + 50 {
            let report = try Simulation().run(seed: seed)
            #expect(report.violations.isEmpty, "\(report)")
        }
    }

    @Test("The same seed is the same run, also when it is told with its log")
    func deterministic() throws {
        for seed in 1...20 as ClosedRange<UInt64> {
            let reports = try [false, true].map { try Simulation().run(seed: seed, keepsLog: $0) }
            #expect(reports[0].hash == reports[1].hash, "seed \(seed)")
            #expect(reports[0].steps == reports[1].steps, "seed \(seed)")
        }
    }

    // A change of the engine or of the simulator changes them; `Simulate 1 3 hashes` prints the new ones.
    @Test("The same seed is the same run on every machine: these were drawn in release mode")
    func everywhere() throws {
        let hashes = try (1...3 as ClosedRange<UInt64>).map { try Simulation().run(seed: $0).hash }
        #expect(hashes == [2874914526493288285, 7954096173895495414, 17226292177329579201])
    }

    @Test("A store that ignores fencing tokens is found, and its failure is shrunk to what it needs")
    func findsAndShrinks() throws {
        let simulation = Simulation { TokenBlindStore(InMemoryStore(clock: $0)) }
        let seed = try #require(
            try (1...500 as ClosedRange<UInt64>).first { try !simulation.run(seed: $0).violations.isEmpty })
        let (left, report) = try #require(try simulation.shrink(seed: seed))
        #expect(!left.quiet.isEmpty, "nothing could be left out")
        #expect(!report.violations.isEmpty)
        #expect(report.description.contains("SIM seed=\(seed)"))
        #expect(!report.log.isEmpty)
    }
}
