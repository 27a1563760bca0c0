internal import WebhookEvents
internal import WebhookRetries

extension Webhook {
    /// An event arrived.
    mutating func deliverySucceeded(at now: Timestamp) {
        succeededDeliveries += 1
        finishedDeliveries += 1
        lastSuccess = max(lastSuccess ?? now, now)
    }

    /// A delivery failed for good.
    ///
    /// The webhook stops when nothing at all arrived since that delivery's first attempt, so that one bad event cannot
    /// stop a healthy endpoint; 410 says that the endpoint is gone and stops it at once.
    ///
    /// - Returns: The state the webhook went into because of it, or `nil`.
    mutating func deliveryGaveUp(_ reason: GiveUpReason, firstAttemptAt: Timestamp) -> State? {
        finishedDeliveries += 1
        guard state == .active else { return nil }
        switch reason {
        case .gone: state = .disabled
        case .exhausted:
            if let lastSuccess, lastSuccess >= firstAttemptAt { return nil }
            state = .failed
        }
        return state
    }
}
