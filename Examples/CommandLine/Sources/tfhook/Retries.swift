import ArgumentParser
import TaskFlowWebhooks

/// Shows the times of the attempts of a retry schedule.
struct Retries: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the time of each attempt of a retry schedule, if all attempts fail.",
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
            case .documented: .standard
            case .threeDays: .threeDays
            case .quick: .quick
            }
        }
    }

    @Option(help: "The retry schedule.")
    var preset = Preset.documented

    @Option(help: "The wait before a retry in seconds, for a custom schedule; repeatable.")
    var wait: [Int64] = []

    @Option(help: "The timeout of one attempt in seconds.")
    var timeout: Int64 = 5

    @Option(help: "The start of the first attempt, in Unix seconds (default: now).")
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
