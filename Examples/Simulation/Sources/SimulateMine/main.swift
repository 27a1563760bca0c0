import Foundation
import GRDB
import TaskFlowWebhooks
import WebhookReceiving
import WebhookSQLite
import WebhookSimulation

// Usage: SimulateMine [SEEDS] [--forgetful]. The sender and the consumers' deduplication stores use SQLite.
let arguments = CommandLine.arguments.dropFirst()
let isForgetful = arguments.contains("--forgetful")
let seeds = arguments.compactMap { UInt64($0) }.first ?? 50

let simulation = Simulation(
    makeStore: { clock in try SQLiteStore(database: DatabaseQueue(), clock: clock) },
    makeDeduplication: { try HandledEvents(DatabaseQueue(), isForgetful: isForgetful) },
    makeReceiver: { consumer in
        var receiver = WebhookReceiver(
            verifier: consumer.verifier, deduplication: consumer.deduplication, clock: consumer.clock,
            limits: consumer.limits)
        // Add your handlers here. They perform side effects through the consumer, which may crash before or after each.
        receiver.onAny { _, context in try await consumer.handle(context) }
        return receiver
    })

var (requests, faults, handled) = (0, 0, 0)
for seed in 1...seeds {
    let report = try simulation.run(seed: seed)
    if let violation = report.violations.first {
        print("seed \(seed) violates a guarantee: \(violation)")
        if let (left, shrunk) = try simulation.shrink(seed: seed) {
            print("it still does without \(left.quiet.count) kinds of faults; the steps before the violation:")
            let end = shrunk.log.firstIndex { $0.contains("VIOLATION") } ?? shrunk.log.endIndex - 1
            print(shrunk.log[...end].suffix(12).joined(separator: "\n"))
        }
        exit(1)
    }
    requests += report.requests
    faults += report.faults
    handled += report.sometimes["events handled by consumers", default: 0]
    if seed == seeds {
        print("\(seeds) seeds, 0 violations: \(requests) requests, \(faults) faults, \(handled) events handled")
    }
}
