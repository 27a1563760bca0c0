public import WebhookEvents
internal import WebhookLimits

extension Delivery {
    /// What a claim came to.
    public enum OnClaim: Sendable, Hashable {
        /// The worker has it now, under this token; whether that used up the webhook's day.
        case leased(FencingToken, isLastOfDay: Bool)
        /// It is not due, or somebody else has it, or it is final, or its webhook's gate is closed.
        case unavailable
        /// It waits: for the next day, because this one is used up, or for a while, because workers fell silent.
        case deferred
        /// It brought too many workers down and is out; or it is a test, and whoever asked for it is gone.
        case rejected
    }

    /// A worker asks for the delivery.
    ///
    /// The store looks after the caps: it asks only while fewer of the webhook's deliveries are leased than its
    /// ``Webhook/gate(at:rules:)`` has room for, and none before it with the same ordering key is open.
    ///
    /// - Parameters:
    ///   - now: The store's time.
    ///   - webhook: Its webhook, whose day is charged for a first attempt.
    ///   - rules: How long leases last, and the daily limit.
    /// - Returns: Whether the worker has it.
    public mutating func claim(at now: Timestamp, webhook: inout Webhook, rules: DeliveryRules) -> OnClaim {
        guard !state.status.isFinal, state.dueAt <= now, case .open = webhook.gate(at: now, rules: rules) else {
            return .unavailable
        }
        if state.status == .leased {
            state.crashes += 1
            if trigger == .test {
                // Whoever asked for it is gone, and nobody else waits for its outcome.
                state.move(to: .rejected, .workerLost, at: now)
                return .rejected
            }
            if state.crashes > DeliveryState.crashAllowance {
                webhook.finishedDeliveries.countUp()
                state.move(to: .rejected, .poison, at: now)
                return .rejected
            }
            if state.crashes > 1 {
                let lease = webhook.timeout + rules.leaseMargin
                state.move(to: .pending, .workerLost, at: state.dueAt + lease * (1 << (2 * (state.crashes - 1))))
                if state.dueAt > now { return .deferred }
            }
        }
        return lease(at: now, webhook: &webhook, rules: rules)
    }

    /// Gives a delivery to a worker whatever its webhook's gate says, for tests that somebody waits for.
    ///
    /// - Returns: As ``claim(at:webhook:rules:)``.
    public mutating func lease(at now: Timestamp, webhook: inout Webhook, rules: DeliveryRules) -> OnClaim {
        var isLastOfDay = false
        if !state.isCharged {
            switch webhook.quota.charge(at: now, limit: rules.dailyLimit) {
            case .exhausted(until: let tomorrow):
                state.move(to: .pending, .dailyLimit, at: tomorrow)
                return .deferred
            case .charged: isLastOfDay = webhook.quota.used == rules.dailyLimit
            }
            state.isCharged = true
        }
        state.token = state.token.next
        state.move(to: .leased, nil, at: now + webhook.timeout + rules.leaseMargin)
        state.firstAttemptAt = state.firstAttemptAt ?? now
        webhook.lastTriggered = now
        if let perSecond = webhook.requestsPerSecond { webhook.health.rate.take(at: now, perSecond: perSecond) }
        return .leased(state.token, isLastOfDay: isLastOfDay)
    }

    /// A worker gives the delivery back without having sent anything; nothing is charged.
    ///
    /// After a fault of the sender's own it waits a second, then twice as long each time, up to a minute.
    ///
    /// - Parameters:
    ///   - release: What the worker gives back, and why.
    ///   - now: The store's time.
    /// - Returns: Whether the worker still had it.
    public mutating func release(_ release: Release, at now: Timestamp) -> Bool {
        guard state.status == .leased, release.lease.token == state.token else { return false }
        switch release.cause {
        case .notStarted: state.move(to: .pending, state.attempts > 0 ? .retry : nil, at: now)
        case .senderFault:
            state.setbacks = min(state.setbacks + 1, DeliveryState.setbackAllowance)
            let wait = Duration.seconds(1) * (1 << min(state.setbacks - 1, 6))
            state.move(to: .pending, .senderFault, at: now + min(wait, DeliveryState.longestSetback))
        }
        if state.attempts == 0 { state.firstAttemptAt = nil }
        return true
    }
}
