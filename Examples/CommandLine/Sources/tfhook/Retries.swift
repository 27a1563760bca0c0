import ArgumentParser
import TaskFlowWebhooks

/// Shows when the attempts of a schedule are made.
struct Retries: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show when each attempt of a schedule is made if all before it fail.",
        discussion: """
            EXAMPLES
              tfhook retries
              tfhook retries --preset three-days
              tfhook retries --wait 10 --wait 60 --wait 3600
            """)

    enum Preset: String, ExpressibleByArgument, CaseIterable {
        case documented
        case threeDays = "three-days"
        case quick

        var policy: RetryPolicy {
            switch self {
            case .documented: .documented
            case .threeDays: .threeDays
            case .quick: .quick
            }
        }
    }

    @Option(help: "The schedule.")
    var preset = Preset.documented

    @Option(help: "The seconds before a retry, for a schedule of your own; repeatable.")
    var wait: [Int64] = []

    @Option(help: "How many seconds one attempt may take.")
    var timeout: Int64 = 5

    @Option(help: "When the first attempt begins, in Unix seconds; now without it.")
    var from: Int64?

    func run() throws {
        let policy: RetryPolicy
        do { policy = wait.isEmpty ? preset.policy : try RetryPolicy(schedule: wait.map { .seconds($0) }) } catch {
            throw ValidationError(error.description)
        }
        print("attempt  earliest              latest")
        for attempt in policy.plan(from: moment(from), timeout: .seconds(timeout)) {
            let (earliest, latest) = (wholeSeconds(attempt.earliest), wholeSeconds(attempt.latest))
            print("\(attempt.number < 10 ? " " : "")     \(attempt.number)  \(earliest)  \(latest)")
        }
    }

    private func wholeSeconds(_ moment: Timestamp) -> Timestamp { Timestamp(unixSeconds: moment.unixSeconds) }
}
