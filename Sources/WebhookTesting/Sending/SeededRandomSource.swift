internal import Synchronization
public import WebhookEvents
internal import WebhookPayload

/// A source of chance that can be repeated, for the engine in tests.
public final class SeededRandomSource: RandomSource {
    /// What the numbers come from; print it, so that a failure can be repeated.
    public let seed: UInt64
    private let generator: Mutex<SeededGenerator>

    /// Creates a source.
    ///
    /// - Parameter seed: What the numbers come from.
    public init(seed: UInt64) {
        self.seed = seed
        self.generator = Mutex(SeededGenerator(seed: seed))
    }

    /// The next 64 bits.
    public func next() -> UInt64 { generator.withLock { $0.next() } }
}
