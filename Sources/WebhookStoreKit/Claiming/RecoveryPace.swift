internal import Synchronization

/// Bounds what recoveries take of a worker's claims: after a step that lasted for a time, the next one comes when several times
/// as long has passed.
///
/// Every account's deliveries wait for a claim, and the recovery of a long history has a step to make all the time.
package final class RecoveryPace: Sendable {
    /// How many times as long as a step the rest after it is: recoveries take a fifth of the time of a worker's claims at most.
    private static let restFactor = 4

    private let restsUntil = Mutex(Duration.zero)

    package init() {}

    /// How long the next step has to wait.
    ///
    /// - Parameter uptime: The time of a clock that never goes back.
    /// - Returns: The time; zero when it may be made now.
    package func rest(at uptime: Duration) -> Duration { restsUntil.withLock { max(.zero, $0 - uptime) } }

    /// Makes a step, and measures it; one that fails costs a rest as well.
    ///
    /// - Parameters:
    ///   - uptime: Reads the time of a clock that never goes back.
    ///   - step: The step.
    /// - Throws: What the step throws.
    package func measure(_ uptime: () -> Duration, _ step: () throws -> Void) rethrows {
        let begin = uptime()
        defer {
            let end = uptime()
            // Several claims may be under way.
            restsUntil.withLock { $0 = max($0, end + (end - begin) * Self.restFactor) }
        }
        try step()
    }
}
