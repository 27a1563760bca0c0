import Foundation

// `Benchmarks AREA… [--only TEXT]` prints one JSON object per figure; `Benchmarks --inputs FOLDER` writes the peers'
// inputs.
let arguments = Array(CommandLine.arguments.dropFirst())
if arguments.first == "--inputs", let folder = arguments.last {
    try Inputs.write(to: URL(fileURLWithPath: folder))
}
for area in arguments.prefix(while: { !$0.hasPrefix("--") }) {
    switch area {
    case "signing": try SigningBenchmark.run()
    case "json": try JSONBenchmark.run()
    case "receiver": try await ReceiverBenchmark.run()
    case "engine": try await EngineBenchmark.run()
    case "scheduler":
        try await SchedulerBenchmark.run()
        try await FairnessBenchmark.run()
    case "memory": try await SchedulerBenchmark.measureMemory()
    case "constant-time": try ConstantTimeBenchmark.run()
    default:
        FileHandle.standardError.write(Data("unknown area \(area)\n".utf8))
        exit(64)
    }
}
