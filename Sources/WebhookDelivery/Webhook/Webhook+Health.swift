internal import WebhookEvents
internal import WebhookRetries

// How attempts change the health of their webhook. Tests of an endpoint are not counted and never stop a webhook.
extension Webhook {
    /// Records that a delivery succeeded.
    ///
    /// - Returns: `recovered` after a warning; `nil` otherwise.
    mutating func deliverySucceeded(now: Timestamp, cap: Int) -> Webhook.HealthChange? {
        succeededDeliveries.countUp()
        finishedDeliveries.countUp()
        lastSuccess = max(lastSuccess ?? now, now)
        health.backOffUntil = nil
        health.breaker.attemptSucceeded(cap: cap)
        defer { (health.failingSince, health.warned) = (nil, nil) }
        return health.warned == nil ? nil : .recovered
    }

    /// Records that an attempt failed.
    ///
    /// - Parameters:
    ///   - settlement: The attempt.
    ///   - firstAttemptAt: When the delivery's first attempt was claimed.
    ///   - now: The store's time.
    ///   - policy: The health policy.
    /// - Returns: The change of the webhook's health; `nil` if there is none.
    mutating func attemptFailed(
        _ settlement: Settlement, firstAttemptAt: Timestamp, now: Timestamp, policy: HealthPolicy
    ) -> Webhook.HealthChange? {
        if settlement.decision.isFinal { finishedDeliveries.countUp() }
        // Faults on the sender's side say nothing about the endpoint.
        guard settlement.outcome.isEndpointFault else { return nil }
        if let wait = settlement.retryAfter, wait > .zero {
            throttled(for: wait, now: now, policy)
        } else {
            health.breaker.attemptFailed(now: now, policy: policy.breaker)
        }
        let failingSince = min(health.failingSince ?? now, now)
        health.failingSince = failingSince
        guard status == .active else { return nil }
        if case .giveUp(.gone) = settlement.decision {
            move(to: .disabled, .gone, now: now)
            return .gone
        }
        let share = shareOfFailure(settlement, firstAttemptAt: firstAttemptAt, failingFor: now - failingSince, policy)
        guard let share else { return nil }
        if share >= 1 {
            move(to: .failed, .failures, now: now)
            return .failed
        }
        guard let grade = Webhook.FailureGrade(share: share), health.warned.map({ grade > $0 }) ?? true else {
            return nil
        }
        health.warned = grade
        return .failing(grade)
    }

    /// Pauses all requests of the webhook, because the endpoint sent `Retry-After`; no attempt is used up.
    ///
    /// Only the first such response counts as a failure. Responses to requests that were in flight provide no new
    /// information, and would open the breaker of a working endpoint that only limits its rate.
    private mutating func throttled(for wait: Duration, now: Timestamp, _ policy: HealthPolicy) {
        let longest = min(retryPolicy.retryAfterCap, policy.maximumBackOff)
        let backOffUntil = backOffEnd(now: now, policy)
        if backOffUntil == nil { health.breaker.attemptFailed(now: now, policy: policy.breaker) }
        guard longest > .zero else { return }
        health.backOffUntil = max(backOffUntil ?? now, now + min(wait, longest))
        health.breaker.slowDown()
    }

    /// Returns the end of the wait that the endpoint asked for; `nil` if there is none.
    func backOffEnd(now: Timestamp, _ policy: HealthPolicy) -> Timestamp? {
        // A time further ahead than any that is set comes from a clock that was fast.
        health.backOffUntil.flatMap { now < $0 && $0 <= now + policy.maximumBackOff ? $0 : nil }
    }

    /// Returns the progress towards stopping the webhook, where 1 stops it; `nil` if nothing would stop it.
    private func shareOfFailure(
        _ settlement: Settlement, firstAttemptAt: Timestamp, failingFor: Duration, _ policy: HealthPolicy
    ) -> Double? {
        switch policy.failure {
        case .never: return nil
        case .afterFailing(let span): return failingFor / max(span, .microseconds(1))
        case .whenNothingArrives: if let lastSuccess, lastSuccess >= firstAttemptAt { return nil }
        case .whenAnyDeliveryFails: break
        }
        // An attempt from before the webhook was enabled says nothing about its endpoint now.
        if let enabledAt = health.enabledAt, firstAttemptAt < enabledAt { return nil }
        // An endpoint that ends a delivery works.
        if settlement.decision == .giveUp(.aborted) { return nil }
        if settlement.decision.isFinal { return 1 }
        // When one attempt is left, only the end is missing.
        return min(0.99, Double(settlement.attempt.number) / Double(max(1, retryPolicy.maximumAttempts - 1)))
    }
}
