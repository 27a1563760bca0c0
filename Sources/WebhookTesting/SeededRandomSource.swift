internal import Synchronization
public import WebhookEvents

/// The same numbers for the same seed, on every machine: SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
public final class SeededRandomSource: RandomSource {
    /// What the numbers come from; print it, so that a failure can be repeated.
    public let seed: UInt64
    private let state: Mutex<UInt64>

    /// Creates a source.
    ///
    /// - Parameter seed: What the numbers come from.
    public init(seed: UInt64) {
        self.seed = seed
        self.state = Mutex(seed)
    }

    /// The next 64 bits.
    public func next() -> UInt64 {
        state.withLock { state in
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
            return mixed ^ mixed >> 31
        }
    }
}
