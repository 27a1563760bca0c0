public import WebhookEvents

/// Keeps a webhook's requests under a rate: a state machine without clock.
///
/// It is the generic cell rate algorithm (ITU-T I.371, annex A): one moment is all that is kept. A second's worth may come
/// at once after a pause, so that there may be almost twice as many in some second. Waiting for it costs a delivery none of its retries.
public struct RequestRate: Sendable, Hashable {
    /// When the next request would start if all so far were evenly spaced.
    public private(set) var next: Timestamp

    /// Creates a rate of which nothing is used, or what a store has kept.
    ///
    /// - Parameter next: When the next request would start.
    public init(next: Timestamp = Timestamp(microseconds: .min)) {
        self.next = next
    }

    /// When a request may start.
    ///
    /// - Parameter perSecond: The most requests a second.
    /// - Returns: The moment; it may have passed.
    public func opensAt(perSecond: Int) -> Timestamp {
        next - (.seconds(1) - interval(perSecond))
    }

    /// A request starts.
    ///
    /// - Parameters:
    ///   - now: The store's time.
    ///   - perSecond: The most requests a second.
    public mutating func take(at now: Timestamp, perSecond: Int) {
        // A moment further off than any that is set was set by a clock that was ahead.
        let isAhead = opensAt(perSecond: perSecond) > now + .seconds(2)
        next = (isAhead ? now : max(next, now)) + interval(perSecond)
    }

    private func interval(_ perSecond: Int) -> Duration { .seconds(1) / max(1, perSecond) }
}
