internal import Synchronization

/// Limits the time that replays take in a worker's claims: each step is followed by a rest several times as long.
///
/// Every account's deliveries wait for a claim, and the replay of a long history always has another step to do.
public final class ReplayPace: Sendable {
    /// The ratio of a rest to the step before it: replays use at most a fifth of the time of a worker's claims.
    private static let restFactor = 4

    private let restsUntil = Mutex(Duration.zero)

    /// Creates a pace at which the first step may run immediately.
    public init() {}

    /// Returns how long the next step must wait.
    ///
    /// - Parameter uptime: The time of a monotonic clock.
    /// - Returns: The time; zero if the step may run now.
    public func rest(at uptime: Duration) -> Duration { restsUntil.withLock { max(.zero, $0 - uptime) } }

    /// Runs and measures a step; a step that fails is followed by a rest, too.
    ///
    /// - Parameters:
    ///   - uptime: Returns the time of a monotonic clock.
    ///   - step: The step.
    /// - Throws: The step's error.
    public func measure(_ uptime: () -> Duration, _ step: () throws -> Void) rethrows {
        let begin = uptime()
        defer {
            let end = uptime()
            // Several claims may run concurrently.
            restsUntil.withLock { $0 = max($0, end + (end - begin) * Self.restFactor) }
        }
        try step()
    }
}
