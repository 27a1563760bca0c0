let areas = CommandLine.arguments.dropFirst().prefix { $0 != "--only" }
for area in areas {
    switch area {
    case "signing": try SigningBenchmark.run()
    case "json": try JSONBenchmark.run()
    default: print("unknown area \(area)")
    }
}
