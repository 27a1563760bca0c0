internal import Synchronization
internal import WebhookRetries

/// Limits the notifications of faults of the sender, so that an outage is reported once and not thousands of times.
final class SenderFaults: Sendable {
    /// How long a persistent fault is not reported again.
    private static let interval = Duration.seconds(60)

    private let reportedAt = Mutex<[TransportFailure: Duration]>([:])

    /// Returns whether a fault must be reported.
    ///
    /// - Parameters:
    ///   - failure: The fault.
    ///   - uptime: The time of a monotonic clock.
    /// - Returns: `true` for the first fault of a kind, and for the next one a minute or more after the last report.
    func shouldReport(_ failure: TransportFailure, at uptime: Duration) -> Bool {
        reportedAt.withLock { reportedAt in
            if let last = reportedAt[failure], uptime - last < Self.interval { return false }
            reportedAt[failure] = uptime
            return true
        }
    }
}
