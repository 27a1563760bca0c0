public import WebhookEvents

/// The operating system's secure random numbers: the one place in which the library draws chance.
public struct SystemRandomSource: RandomSource {
    /// Creates the source.
    public init() {}

    /// Returns 64 bits from the operating system's generator.
    public func next() -> UInt64 {
        var generator = SystemRandomNumberGenerator()
        return generator.next()
    }
}
