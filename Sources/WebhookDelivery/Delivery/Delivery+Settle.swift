public import WebhookEvents
internal import WebhookRetries

extension Delivery {
    /// The result of a settlement.
    public enum SettleResult: Sendable, Hashable {
        /// The attempt is stored and the delivery advanced, with this change of the webhook's health.
        case settled(Webhook.HealthChange?)
        /// The same report was stored before, but the reply was lost; nothing was written.
        case repeated
        /// Another worker has claimed the delivery, or it was cancelled; nothing was written.
        case fenced
        /// Another transaction holds the account's lock for too long; nothing was written, and the caller must retry.
        case busy
    }

    /// Settles an attempt.
    ///
    /// - Parameters:
    ///   - settlement: The attempt and the decision about the delivery.
    ///   - webhook: The webhook, whose health is updated.
    ///   - now: The store's time.
    ///   - rules: The delivery rules, with the health policy.
    /// - Returns: The result.
    public mutating func settle(
        _ settlement: Settlement, webhook: inout Webhook, now: Timestamp, rules: DeliveryRules
    ) -> SettleResult {
        // After an expired lease, the worker's late report is still accepted while no other worker has the delivery.
        let isHeld = state.status == .leased || state.status == .pending && state.reason == .leaseExpired
        guard state.token == settlement.lease.token, isHeld else {
            let isKnown =
                state.token == settlement.lease.token && state.attempts == settlement.attempt.number
                && state.status != .cancelled
            return isKnown ? .repeated : .fenced
        }
        state.attempts += 1
        (state.expiredLeases, state.senderFaults) = (0, 0)
        state.lastError = settlement.attempt.errorType
        switch settlement.decision {
        case .succeed: state.move(to: .succeeded, nil, at: now)
        case .retry(let delay): state.move(to: .pending, .retry, at: now + delay)
        case .giveUp(let why): state.move(to: .failed, Delivery.State.Reason(why), at: now)
        }
        guard trigger != .test else {
            // A successful test shows that the endpoint accepts requests again.
            if settlement.decision == .succeed { webhook.health.backOffUntil = nil }
            return .settled(nil)
        }
        // Time that the attempt spent waiting in the sender says nothing about the endpoint.
        let waiting = settlement.attempt.timings?.waiting ?? .zero
        webhook.pace.attemptEnded(after: settlement.attempt.duration - waiting, now: now)
        let change =
            settlement.decision == .succeed
            ? webhook.deliverySucceeded(now: now, cap: rules.maximumInFlightPerWebhook)
            : webhook.attemptFailed(
                settlement, firstAttemptAt: state.firstAttemptAt ?? now, now: now, policy: rules.health)
        // The endpoint's own request outweighs a failure, which would keep collecting events for it.
        guard settlement.stopsWebhook, webhook.status != .disabled else { return .settled(change) }
        webhook.move(to: .disabled, .endpoint, now: now)
        return .settled(.disabledByEndpoint)
    }

    /// Cancels the delivery if it is open; a final state stays as it is.
    ///
    /// - Parameters:
    ///   - reason: The reason, such as a deleted webhook or a discarded backlog.
    ///   - now: The store's time.
    /// - Returns: Whether the delivery was open.
    @discardableResult
    public mutating func cancel(_ reason: Delivery.State.Reason, now: Timestamp) -> Bool {
        guard !state.status.isFinal else { return false }
        state.move(to: .cancelled, reason, at: now)
        return true
    }

    /// Postpones a waiting delivery, because its backlog is spread over time; never makes it due earlier.
    ///
    /// - Parameter moment: The earliest time of its next attempt.
    public mutating func postpone(to moment: Timestamp) {
        guard state.status == .pending else { return }
        state.dueAt = max(state.dueAt, moment)
    }
}

extension Delivery.State.Reason {
    fileprivate init(_ reason: RetryDecision.GiveUpReason) {
        self =
            switch reason {
            case .exhausted: .exhausted
            case .gone: .gone
            case .aborted: .aborted
            }
    }
}
