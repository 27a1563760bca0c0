internal import WebhookEvents
internal import WebhookRetries

// What attempts do to their webhook. Tests of an endpoint do nothing to it: they are not counted, and stop nothing.
extension Webhook {
    /// An event arrived.
    ///
    /// - Returns: `recovered` after a warning.
    mutating func deliverySucceeded(at now: Timestamp, cap: Int) -> HealthChange? {
        succeededDeliveries.countUp()
        finishedDeliveries.countUp()
        lastSuccess = max(lastSuccess ?? now, now)
        health.quietUntil = nil
        health.breaker.attemptSucceeded(cap: cap)
        defer { (health.failingSince, health.warned) = (nil, nil) }
        return health.warned == nil ? nil : .recovered
    }

    /// An attempt failed, or the last of a delivery did.
    ///
    /// - Parameters:
    ///   - settlement: The attempt.
    ///   - firstAttemptAt: When the delivery's first attempt was claimed.
    ///   - now: The store's time.
    ///   - policy: How health is judged.
    /// - Returns: What it did to the webhook.
    mutating func attemptFailed(
        _ settlement: Settlement, firstAttemptAt: Timestamp, at now: Timestamp, policy: HealthPolicy
    ) -> HealthChange? {
        if settlement.decision.isFinal { finishedDeliveries.countUp() }
        // What went wrong on the sender's side says nothing about the endpoint.
        guard settlement.outcome.isEndpointsFault else { return nil }
        if let wait = settlement.retryAfter, wait > .zero {
            throttled(for: wait, at: now, policy)
        } else {
            health.breaker.attemptFailed(at: now, policy: policy.breaker)
        }
        let failingSince = min(health.failingSince ?? now, now)
        health.failingSince = failingSince
        guard state == .active else { return nil }
        if case .giveUp(.gone) = settlement.decision {
            state = .disabled
            return .gone
        }
        let share = shareOfFailure(settlement, firstAttemptAt: firstAttemptAt, failingFor: now - failingSince, policy)
        guard let share else { return nil }
        if share >= 1 {
            state = .failed
            return .failed
        }
        guard let grade = FailureGrade(share: share), health.warned.map({ grade > $0 }) ?? true else { return nil }
        health.warned = grade
        return .failing(grade)
    }

    /// The endpoint asks for time: everything for it waits, and none of it uses up an attempt.
    ///
    /// Its first word counts as a failure; reports of what was under way meanwhile say nothing new, and would open the breaker of an
    /// endpoint that is well and only says how much it takes.
    private mutating func throttled(for wait: Duration, at now: Timestamp, _ policy: HealthPolicy) {
        let longest = min(retryPolicy.retryAfterCap, policy.longestQuiet)
        let quietUntil = quietEnd(at: now, policy)
        if quietUntil == nil { health.breaker.attemptFailed(at: now, policy: policy.breaker) }
        guard longest > .zero else { return }
        health.quietUntil = max(quietUntil ?? now, now + min(wait, longest))
        health.breaker.slowDown()
    }

    /// The end of the quiet that the endpoint has asked for; `nil` when there is none.
    func quietEnd(at now: Timestamp, _ policy: HealthPolicy) -> Timestamp? {
        // A moment further off than any that is set was set by a clock that was ahead.
        health.quietUntil.flatMap { now < $0 && $0 <= now + policy.longestQuiet ? $0 : nil }
    }

    /// How much of what stops the webhook has happened, where 1 is all of it; `nil` when nothing would stop it.
    private func shareOfFailure(
        _ settlement: Settlement, firstAttemptAt: Timestamp, failingFor: Duration, _ policy: HealthPolicy
    ) -> Double? {
        switch policy.failure {
        case .never: return nil
        case .afterFailing(let span): return failingFor / max(span, .microseconds(1))
        case .whenNothingArrives: if let lastSuccess, lastSuccess >= firstAttemptAt { return nil }
        case .whenAnyDeliveryFails: break
        }
        // What was first tried before the webhook was switched on again says nothing about its endpoint now.
        if let enabledAt = health.enabledAt, firstAttemptAt < enabledAt { return nil }
        if settlement.decision.isFinal { return 1 }
        // When one attempt is left, everything but the end has happened.
        return min(0.99, Double(settlement.attempt.number) / Double(max(1, retryPolicy.maximumAttempts - 1)))
    }
}
