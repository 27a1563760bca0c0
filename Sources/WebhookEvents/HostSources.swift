/// Where the engine reads the time and waits: the host's clock, a test's clock or the simulator's.
public protocol WebhookClock: Sendable {
    /// The wall-clock time, used for timestamps that other machines read.
    var now: Timestamp { get }

    /// Time since some fixed moment of this process that never jumps, used to measure spans.
    var uptime: Duration { get }

    /// Waits for a span of time, and returns early by throwing when the task is cancelled.
    ///
    /// - Parameter duration: How long to wait; zero or less returns at once.
    /// - Throws: `CancellationError` when the task is cancelled.
    func sleep(for duration: Duration) async throws
}

/// Where chance comes from: identifiers, secrets and jitter.
///
/// Secrets are made from it, so outside tests it must be cryptographically secure.
public protocol RandomSource: Sendable {
    /// Returns 64 bits of chance. May be called from several tasks at once.
    func next() -> UInt64
}

/// A generator of the standard library's shape over a ``RandomSource``.
public struct RandomSourceGenerator: RandomNumberGenerator {
    private let source: any RandomSource

    /// Creates a generator.
    ///
    /// - Parameter source: Where each number comes from.
    public init(_ source: any RandomSource) {
        self.source = source
    }

    /// Returns the next 64 bits of the source.
    public mutating func next() -> UInt64 { source.next() }
}
