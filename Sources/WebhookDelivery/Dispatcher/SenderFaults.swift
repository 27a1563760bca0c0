internal import Synchronization
internal import WebhookRetries

/// Which faults of the sender's own its operators have heard of lately: an outage is one piece of news, not thousands.
final class SenderFaults: Sendable {
    /// How long a fault that goes on is not reported again.
    private static let interval = Duration.seconds(60)

    private let reportedAt = Mutex<[TransportFailure: Duration]>([:])

    /// Whether a fault is to be reported.
    ///
    /// - Parameters:
    ///   - failure: The fault.
    ///   - uptime: The time now, of a clock that is never set.
    /// - Returns: `true` for the first one, and for one of the same kind a minute later.
    func isNews(_ failure: TransportFailure, at uptime: Duration) -> Bool {
        reportedAt.withLock { reportedAt in
            if let last = reportedAt[failure], uptime - last < Self.interval { return false }
            reportedAt[failure] = uptime
            return true
        }
    }
}
