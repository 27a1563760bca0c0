/// What the command line says beside the areas.
enum Settings {
    /// Measures only rows whose name and maker contain this: `--only "sign 256 B ours"`.
    static let only: String? = CommandLine.arguments.firstIndex(of: "--only").map { CommandLine.arguments[$0 + 1] }
}

/// Measures one operation: the median of several batches, each long enough for the clock.
///
/// - Parameters:
///   - row: What is done; rows of the same name are compared.
///   - who: Who does it.
///   - batches: How many batches to time.
///   - operation: One operation; its result must reach ``keep(_:)``.
func measure(_ row: String, who: String = "ours", batches: Int = 9, _ operation: () throws -> Void) rethrows {
    if let only = Settings.only, !"\(row) \(who)".contains(only) { return }
    let clock = ContinuousClock()
    var count = 1
    while true {
        let elapsed = try clock.measure { for _ in 0..<count { try operation() } }
        if elapsed > .milliseconds(8) || count > 1 << 24 { break }
        count *= 2
    }
    var times: [Double] = []
    for _ in 0..<batches {
        let elapsed = try clock.measure { for _ in 0..<count { try operation() } }
        times.append(elapsed / .nanoseconds(1) / Double(count))
    }
    times.sort()
    print(#"{"row":"\#(row)","who":"\#(who)","ns":\#(times[times.count / 2])}"#)
}

/// Keeps a result, so that the compiler cannot leave out what made it.
@inline(never)
func keep<Value>(_ value: Value) {}
