import Foundation

/// The options of the command line.
enum Settings {
    /// Measures only rows whose name and subject contain this: `--only "sign 256 B ours"`.
    static let only: String? = CommandLine.arguments.firstIndex(of: "--only").map { CommandLine.arguments[$0 + 1] }
}

/// Prints one figure in the format of all programs of the scoreboard: one JSON object per line.
///
/// - Parameters:
///   - row: What was measured; rows of the same name are compared.
///   - who: The implementation.
///   - nanoseconds: The duration of one operation.
func report(_ row: String, who: String = "ours", _ nanoseconds: Double) {
    print(#"{"row":"\#(row)","who":"\#(who)","ns":\#(nanoseconds)}"#)
}

/// Measures one operation: the median of several batches, each long enough for the resolution of the clock.
///
/// - Parameters:
///   - row: What is measured.
///   - who: The implementation.
///   - batches: The number of timed batches.
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

/// Returns the median of some figures.
func median(_ figures: [Double]) -> Double { figures.sorted()[figures.count / 2] }

/// Uses a result, so that the compiler cannot optimize its computation away.
@inline(never)
func keep<Value>(_ value: Value) {}
