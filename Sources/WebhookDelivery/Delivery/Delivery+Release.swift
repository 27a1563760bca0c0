public import WebhookEvents
internal import WebhookLimits

extension Delivery {
    /// Returns an unsent delivery from its worker, without charging anything.
    ///
    /// After a fault of the sender, it waits one second, then twice as long after each further one, up to a minute.
    ///
    /// - Parameters:
    ///   - release: The lease, and the reason for the release.
    ///   - now: The store's time.
    /// - Returns: Whether the worker still held the lease.
    public mutating func release(_ release: Release, now: Timestamp) -> Bool {
        guard state.status == .leased, release.lease.token == state.token else { return false }
        switch release.cause {
        case .notStarted: state.move(to: .pending, state.attempts > 0 ? .retry : nil, at: now)
        case .senderFault:
            state.senderFaults = min(state.senderFaults + 1, Delivery.State.maximumSenderFaults)
            let wait = Duration.seconds(1) * (1 << min(state.senderFaults - 1, 6))
            state.move(to: .pending, .senderFault, at: now + min(wait, Delivery.State.maximumSenderFaultDelay))
        }
        if state.attempts == 0 { state.firstAttemptAt = nil }
        return true
    }
}
