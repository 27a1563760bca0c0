internal import Synchronization

/// Bounds what recoveries take of a worker's claims: after a step that lasted for a time, the next one comes when several times
/// as long has passed.
///
/// Every account's deliveries wait for a claim, and the recovery of a long history has a step to make all the time.
package final class RecoveryPace: Sendable {
    /// How many times as long as a step the pause after it is: recoveries take a fifth of the time of claims at most.
    private static let pauseFactor = 4

    private let restsUntil = Mutex(Duration.zero)

    package init() {}

    /// Whether the next step has to wait.
    ///
    /// - Parameter uptime: The time of a clock that never goes back.
    /// - Returns: Whether it has.
    package func rests(at uptime: Duration) -> Bool { restsUntil.withLock { uptime < $0 } }

    /// Makes a step, and measures it.
    ///
    /// - Parameters:
    ///   - uptime: Reads the time of a clock that never goes back.
    ///   - step: The step.
    /// - Throws: What the step throws.
    package func measure(_ uptime: () -> Duration, _ step: () throws -> Void) rethrows {
        let begin = uptime()
        try step()
        let end = uptime()
        restsUntil.withLock { $0 = end + (end - begin) * Self.pauseFactor }
    }
}
