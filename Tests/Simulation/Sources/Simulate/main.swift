import TaskFlowWebhooks
import WebhookSimulation

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

// simulate FROM COUNT: runs COUNT seeds and prints the totals; exits with 1 at the first violation, with its shrunk log.
// simulate FROM COUNT log: prints the log of each run.
// simulate FROM COUNT first: exits at the first violation, and prints only the violation.
// simulate FROM COUNT hashes: prints each run's hash, which must be the same everywhere.
// simulate neighbours ACCOUNTS [KIND]: how long an account waits beside hostile accounts of one kind or of each kind; exits
// with 1 at the first kind that harms it.
// simulate fairness BACKLOG: how long an account waits alone, and beside a backlog for an endpoint that hangs.
let arguments = CommandLine.arguments.dropFirst()
let numbers = arguments.compactMap { UInt64($0) }
func line(_ waits: DeliveryStatistics.LatencyHistogram) -> String {
    let times = [0.5, 0.99, 1].map { waits.percentile($0).map { "\($0 / .milliseconds(1))" } ?? "-" }
    return "p50 \(times[0]) ms, p99 \(times[1]) ms, longest \(times[2]) ms of \(waits.count)"
}
if arguments.first == "neighbours", let accounts = numbers.first {
    let kinds = arguments.compactMap { Hostility(rawValue: $0) }
    for kind in kinds.isEmpty ? Hostility.allCases : kinds {
        let report = try Simulation().neighbours(kind, accounts: Int(accounts))
        print("\(kind.rawValue), alone: \(line(report.alone))")
        print("\(kind.rawValue), beside \(accounts): \(line(report.beside))")
        if !report.isUnharmed { exit(1) }
    }
    exit(0)
}
if arguments.first == "fairness", let backlog = numbers.first {
    let report = try Simulation().fairness(backlog: Int(backlog))
    print("alone:              \(line(report.alone))")
    print("beside \(backlog) that hang: \(line(report.beside))")
    print("p99, ratio: \(report.ratio.map { "\($0)" } ?? "-")")
    exit((report.ratio ?? .infinity) < 2 ? 0 : 1)
}
guard numbers.count == 2 else { fatalError("usage: simulate FROM COUNT [log|hashes]") }
EscapeGate.close()
let simulation = Simulation()
var sometimes: [String: Int] = [:]
var (steps, requests, deliveries, faults) = (0, 0, 0, 0)
for seed in numbers[0]..<numbers[0] + numbers[1] {
    EscapeGate.seed = seed
    let report = try simulation.run(seed: seed, keepsLog: arguments.last == "log")
    if arguments.last == "log" { print(report.log.joined(separator: "\n")) }
    if arguments.last == "hashes" { print(seed, report.hash, report.steps) }
    if let violation = report.violations.first, arguments.last == "first" {
        print("seed \(seed): \(violation)")
        exit(1)
    }
    if !report.violations.isEmpty, let (left, shrunk) = try simulation.shrink(seed: seed) {
        print("seed \(seed) violates a guarantee, also with \(left):")
        print(shrunk)
        print("reproduce: bash Tests/Simulation/run.sh --seeds 1 --from \(seed)")
        exit(1)
    }
    steps += report.steps
    requests += report.requests
    deliveries += report.deliveries
    faults += report.faults
    for (name, count) in report.sometimes { sometimes[name, default: 0] += count }
}
if arguments.last != "hashes" {
    for (name, count) in sometimes.sorted(by: { $0.key < $1.key }) { print("sometimes", count, name, separator: "\t") }
    print("totals", numbers[1], steps, requests, deliveries, faults, separator: "\t")
}
