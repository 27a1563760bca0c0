public import WebhookEvents

extension Webhook {
    /// Limits the rate of a webhook's requests: a state machine without clock.
    ///
    /// The algorithm is the generic cell rate algorithm (ITU-T I.371, annex A), whose only state is one time. After a
    /// pause, the requests of a whole second may be sent immediately, so almost twice the rate is possible within one
    /// second. Waiting for the rate uses up no attempt of a delivery.
    public struct RequestRate: Sendable, Hashable {
        /// The start time of the next request if all earlier ones had been evenly spaced.
        public private(set) var next: Timestamp

        /// Creates an unused rate, or restores one from a store.
        ///
        /// - Parameter next: The start time of the next request.
        public init(next: Timestamp = Timestamp(microseconds: .min)) {
            self.next = next
        }

        /// Returns when a request may start.
        ///
        /// - Parameter perSecond: The most requests per second.
        /// - Returns: The time; it may be in the past.
        public func opensAt(perSecond: Int) -> Timestamp {
            next - (.seconds(1) - interval(perSecond))
        }

        /// Records that a request starts.
        ///
        /// - Parameters:
        ///   - now: The store's time.
        ///   - perSecond: The most requests per second.
        public mutating func take(now: Timestamp, perSecond: Int) {
            // A time further ahead than any that is set comes from a clock that was fast.
            let isAhead = opensAt(perSecond: perSecond) > now + .seconds(2)
            next = (isAhead ? now : max(next, now)) + interval(perSecond)
        }

        private func interval(_ perSecond: Int) -> Duration { .seconds(1) / max(1, perSecond) }
    }
}
