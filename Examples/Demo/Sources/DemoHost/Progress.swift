import Foundation
import Synchronization
import TaskFlowWebhooks

/// Counts deliveries and shows progress: one line that is updated on a terminal, otherwise one line per second.
final class Progress: DeliveryObserver {
    struct Counts {
        var published = 0
        var deliveries = 0
        var attempts = 0
        var retries = 0
        var delivered = 0
        var failures: [String: Int] = [:]
    }

    private let counts = Mutex(Counts())
    private let total: Int
    private let isTerminal = isatty(STDOUT_FILENO) == 1

    init(total: Int) {
        self.total = total
    }

    var snapshot: Counts { counts.withLock { $0 } }

    func observe(_ occurrence: DeliveryNotification) {
        counts.withLock { counts in
            switch occurrence {
            case .published(let receipt, _):
                counts.published += 1
                if !receipt.isDuplicate { counts.deliveries += receipt.deliveryIDs.count }
            case .attempted(_, let attempt, let decision, _):
                counts.attempts += 1
                if attempt.number > 1 { counts.retries += 1 }
                if decision == .succeed { counts.delivered += 1 }
                if let error = attempt.errorType { counts.failures[error, default: 0] += 1 }
            default: break
            }
        }
    }

    func show(open: Int, isLast: Bool = false) {
        let counts = snapshot
        let line =
            "  published \(counts.published)/\(total) · delivered \(counts.delivered) · attempts \(counts.attempts)"
            + " · retries \(counts.retries) · open \(open)"
        print(isTerminal ? "\r\u{1B}[K\(line)" : line, terminator: isTerminal && !isLast ? "" : "\n")
        fflush(nil)
    }

    /// The time between two updates.
    var interval: Duration { isTerminal ? .milliseconds(100) : .seconds(1) }
}

/// Prints a line immediately, even if the output is a pipe.
func say(_ line: String) {
    print(line)
    fflush(nil)
}
