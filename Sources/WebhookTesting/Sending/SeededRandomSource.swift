internal import Synchronization
public import WebhookEvents
internal import WebhookPayload

/// A reproducible source of randomness, for tests of the engine.
public final class SeededRandomSource: RandomSource {
    /// The seed of the sequence; print it, so that a failure can be reproduced.
    public let seed: UInt64
    private let generator: Mutex<SeededGenerator>

    /// Creates a source.
    ///
    /// - Parameter seed: The seed of the sequence.
    public init(seed: UInt64) {
        self.seed = seed
        self.generator = Mutex(SeededGenerator(seed: seed))
    }

    /// Returns the next 64 random bits.
    public func next() -> UInt64 { generator.withLock { $0.next() } }
}
