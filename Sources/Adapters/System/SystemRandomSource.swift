public import WebhookEvents

/// The operating system's secure random number generator; the library has no other source of randomness.
public struct SystemRandomSource: RandomSource {
    /// Creates the source.
    public init() {}

    /// Returns 64 bits from the operating system's generator.
    public func next() -> UInt64 {
        var generator = SystemRandomNumberGenerator()
        return generator.next()
    }
}
