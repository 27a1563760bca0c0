import Foundation

/// What the command line says beside the areas.
enum Settings {
    /// Measures only rows whose name and maker contain this: `--only "sign 256 B ours"`.
    static let only: String? = CommandLine.arguments.firstIndex(of: "--only").map { CommandLine.arguments[$0 + 1] }
}

/// Prints one figure as all programs of the scoreboard do: one JSON object a line.
///
/// - Parameters:
///   - row: What was done; rows of the same name are compared.
///   - who: Who did it.
///   - nanoseconds: How long one operation took.
func report(_ row: String, who: String = "ours", _ nanoseconds: Double) {
    print(#"{"row":"\#(row)","who":"\#(who)","ns":\#(nanoseconds)}"#)
}

/// Measures one operation: the median of several batches, each long enough for the clock.
///
/// - Parameters:
///   - row: What is done.
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
    report(row, who: who, median(times))
}

/// The middle one of some figures.
func median(_ figures: [Double]) -> Double { figures.sorted()[figures.count / 2] }

/// Keeps a result, so that the compiler cannot leave out what made it.
@inline(never)
func keep<Value>(_ value: Value) {}
