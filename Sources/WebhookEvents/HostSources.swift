/// A clock that tells the engine the time and lets it sleep: the host's, a test's or the simulator's.
public protocol WebhookClock: Sendable {
    /// The wall-clock time, used for timestamps that other machines read.
    var now: Timestamp { get }

    /// The monotonic time since a fixed point in this process, used to measure durations.
    var uptime: Duration { get }

    /// Suspends the task for a duration, or until it is cancelled.
    ///
    /// - Parameter duration: The time to wait; zero or less returns immediately.
    /// - Throws: `CancellationError` if the task is cancelled.
    func sleep(for duration: Duration) async throws
}

/// A source of randomness for identifiers, secrets and jitter.
///
/// Secrets are generated from it, so outside tests it must be cryptographically secure.
public protocol RandomSource: Sendable {
    /// Returns 64 random bits.
    ///
    /// Several tasks may call this method concurrently.
    func next() -> UInt64
}

/// A `RandomNumberGenerator` that is backed by a ``RandomSource``.
package struct RandomSourceGenerator: RandomNumberGenerator {
    private let source: any RandomSource

    /// Creates a generator.
    ///
    /// - Parameter source: The source of each number.
    package init(_ source: any RandomSource) {
        self.source = source
    }

    /// Returns the next 64 bits of the source.
    package mutating func next() -> UInt64 { source.next() }
}
