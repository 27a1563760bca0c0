public import WebhookEvents
internal import WebhookLimits

extension Delivery {
    /// The result of a claim.
    public enum ClaimResult: Sendable, Hashable {
        /// The delivery is leased under this token; the flag says whether the claim exhausted the daily quota.
        case leased(Lease.FencingToken, exhaustsQuota: Bool)
        /// The delivery is not due, leased to another worker, or final, or its webhook's gate is closed.
        case unavailable
        /// The delivery waits: for the next day, because the daily quota is exhausted, or longer after expired leases.
        case deferred
        /// The delivery is rejected: too many of its leases expired, or it is a test whose worker crashed.
        case rejected
    }

    /// Claims the delivery for a worker.
    ///
    /// The store enforces the caps: it calls this only while fewer of the webhook's deliveries are leased than its
    /// ``Webhook/gate(now:rules:)`` allows, and no earlier delivery with the same ordering key is open.
    ///
    /// - Parameters:
    ///   - now: The store's time.
    ///   - webhook: The webhook, whose daily quota is charged for a first attempt.
    ///   - rules: The lease margin and the daily limit.
    /// - Returns: The result.
    public mutating func claim(now: Timestamp, webhook: inout Webhook, rules: DeliveryRules) -> ClaimResult {
        guard !state.status.isFinal, state.dueAt <= now, case .open = webhook.gate(now: now, rules: rules) else {
            return .unavailable
        }
        if state.status == .leased {
            state.expiredLeases += 1
            if trigger == .test {
                // The caller of the test has gone with its worker, so the outcome is of no use.
                state.move(to: .rejected, .leaseExpired, at: now)
                return .rejected
            }
            if state.expiredLeases > Delivery.State.maximumExpiredLeases {
                webhook.finishedDeliveries.countUp()
                state.move(to: .rejected, .tooManyExpiredLeases, at: now)
                return .rejected
            }
            if state.expiredLeases > 1 {
                // 4, 16, 64 and 256 leases: a body that crashes workers must not take them all in turn.
                let growth = 1 << (2 * (state.expiredLeases - 1))
                let wait = (webhook.timeout + rules.leaseMargin) * growth
                state.move(to: .pending, .leaseExpired, at: state.dueAt + wait)
                if state.dueAt > now { return .deferred }
            }
        }
        return lease(now: now, webhook: &webhook, rules: rules)
    }

    /// Leases a delivery regardless of its webhook's gate, for tests whose caller waits for the outcome.
    ///
    /// - Returns: The result, as from ``claim(now:webhook:rules:)``.
    public mutating func lease(now: Timestamp, webhook: inout Webhook, rules: DeliveryRules) -> ClaimResult {
        var exhaustsQuota = false
        if !state.isCharged {
            switch webhook.quota.charge(now: now, limit: rules.dailyLimit) {
            case .exhausted(until: let tomorrow):
                state.move(to: .pending, .dailyLimit, at: tomorrow)
                return .deferred
            case .charged: exhaustsQuota = webhook.quota.used == rules.dailyLimit
            }
            state.isCharged = true
        }
        state.token = state.token.next
        state.move(to: .leased, nil, at: now + webhook.timeout + rules.leaseMargin)
        state.firstAttemptAt = state.firstAttemptAt ?? now
        webhook.lastTriggered = now
        if let perSecond = webhook.requestsPerSecond { webhook.health.rate.take(now: now, perSecond: perSecond) }
        return .leased(state.token, exhaustsQuota: exhaustsQuota)
    }
}
