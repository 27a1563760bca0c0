internal import Synchronization
public import WebhookEvents
public import WebhookPayload

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

/// The same numbers for the same seed, on every machine.
public typealias SeededGenerator = WebhookPayload.SeededGenerator

/// Realistic events, the same for the same seed.
public typealias SampleEvents = WebhookPayload.SampleEvents
