internal import Synchronization
public import WebhookEvents
public import WebhookPayload

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

/// A generator that returns the same numbers for the same seed on every machine.
public typealias SeededGenerator = WebhookPayload.SeededGenerator

/// A sequence of realistic events that is the same for the same seed.
public typealias SampleEvents = WebhookPayload.SampleEvents
