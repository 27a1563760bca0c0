public import WebhookEvents
internal import WebhookRetries

extension Delivery {
    /// What settling came to.
    public enum OnSettle: Sendable, Hashable {
        /// The attempt is recorded and the delivery moved on, and this came of it for the webhook.
        case settled(HealthChange?)
        /// The same report was taken before, and its reply got lost: nothing was written.
        case repeated
        /// Somebody else has the delivery, or it was cancelled: nothing was written.
        case fenced
        /// Another transaction holds the account for longer than others should wait: nothing was written, and the report is to
        /// be made again.
        case busy
    }

    /// A worker reports an attempt.
    ///
    /// - Parameters:
    ///   - settlement: The attempt and what follows it.
    ///   - webhook: Its webhook, whose health is kept.
    ///   - now: The store's time.
    ///   - rules: How health is judged.
    /// - Returns: Whether the report counts.
    public mutating func settle(
        _ settlement: Settlement, webhook: inout Webhook, at now: Timestamp, rules: DeliveryRules
    ) -> OnSettle {
        // Nobody else has a delivery that waits because its worker fell silent: a late word is better than none.
        let isHeld = state.status == .leased || state.status == .pending && state.reason == .workerLost
        guard state.token == settlement.lease.token, isHeld else {
            let isKnown =
                state.token == settlement.lease.token && state.attempts == settlement.attempt.number
                && state.status != .cancelled
            return isKnown ? .repeated : .fenced
        }
        state.attempts += 1
        (state.crashes, state.setbacks) = (0, 0)
        switch settlement.decision {
        case .succeed: state.move(to: .succeeded, nil, at: now)
        case .retry(let delay): state.move(to: .pending, .retry, at: now + delay)
        case .giveUp(let why): state.move(to: .failed, why == .gone ? .gone : .exhausted, at: now)
        }
        guard trigger != .test else {
            // A test that arrives shows that the endpoint takes requests again.
            if settlement.decision == .succeed { webhook.health.quietUntil = nil }
            return .settled(nil)
        }
        // What the sender itself had to wait for says nothing about the endpoint.
        let waiting = settlement.attempt.timings?.waiting ?? .zero
        webhook.pace.attemptEnded(after: settlement.attempt.duration - waiting, at: now)
        if settlement.decision == .succeed {
            return .settled(webhook.deliverySucceeded(at: now, cap: rules.perWebhook))
        }
        return .settled(
            webhook.attemptFailed(
                settlement, firstAttemptAt: state.firstAttemptAt ?? now, at: now, policy: rules.health))
    }

    /// Nothing more is sent: its webhook was deleted, or it was given up.
    ///
    /// A final state stays as it is.
    ///
    /// - Parameters:
    ///   - reason: Why.
    ///   - now: The store's time.
    /// - Returns: Whether it was open.
    @discardableResult
    public mutating func cancel(_ reason: DeliveryState.Reason, at now: Timestamp) -> Bool {
        guard !state.status.isFinal else { return false }
        state.move(to: .cancelled, reason, at: now)
        return true
    }

    /// Waits longer, because a backlog is drained at a chosen rate; never shorter than it would have.
    ///
    /// - Parameter moment: The earliest moment of its next attempt.
    public mutating func postpone(to moment: Timestamp) {
        guard state.status == .pending else { return }
        state.dueAt = max(state.dueAt, moment)
    }
}
