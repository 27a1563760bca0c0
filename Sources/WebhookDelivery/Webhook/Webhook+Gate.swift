public import WebhookEvents
internal import WebhookLimits

extension Webhook {
    /// Whether attempts may start, as far as the webhook itself decides.
    public enum Gate: Sendable, Hashable {
        /// This many requests may be in flight at the same time.
        case open(room: Int)
        /// The circuit breaker, a `Retry-After` or the rate limit pauses requests until then; no attempt is used up.
        case closed(until: Timestamp)
        /// The webhook is disabled, failed or expired; its deliveries wait until it is enabled.
        case stopped
    }

    /// Decides whether attempts may start.
    ///
    /// - Parameters:
    ///   - now: The store's time.
    ///   - rules: How many requests may be in flight when the circuit breaker does not limit them.
    /// - Returns: The decision.
    public func gate(now: Timestamp, rules: DeliveryRules) -> Gate {
        guard status == .active, !hasExpired(now: now) else { return .stopped }
        // A time further ahead than any that is set comes from a clock that was fast.
        let longestBreak = rules.health.breaker.longestBreak
        let breakEnd = health.breaker.pausedUntil.flatMap { now < $0 && $0 <= now + longestBreak ? $0 : nil }
        if let end = [breakEnd, backOffEnd(now: now, rules.health)].compactMap(\.self).max() {
            return .closed(until: end)
        }
        if let requestsPerSecond {
            let opensAt = health.rate.opensAt(perSecond: requestsPerSecond)
            if now < opensAt, opensAt <= now + .seconds(2) { return .closed(until: opensAt) }
        }
        return .open(
            room: min(health.breaker.allowance ?? rules.maximumInFlightPerWebhook, rules.maximumInFlightPerWebhook))
    }

    /// Returns when uncharged deliveries may start: `nil` for now, or the next day if the daily quota is exhausted.
    ///
    /// - Parameters:
    ///   - now: The store's time.
    ///   - rules: The delivery rules, with the daily limit.
    /// - Returns: The time.
    package func quotaResetsAt(now: Timestamp, rules: DeliveryRules) -> Timestamp? {
        let usage = quota.usage(now: now, limit: rules.dailyLimit)
        return usage.used >= usage.limit ? usage.resetsAt : nil
    }

    /// What a claim needs to know about a webhook, apart from its deliveries.
    public struct Standing: Sendable, Hashable {
        /// Whether attempts may start.
        public let gate: Gate
        /// How quickly the endpoint responds.
        public let pace: Webhook.EndpointPace.Class

        /// Creates a standing.
        ///
        /// - Parameters:
        ///   - gate: Whether attempts may start.
        ///   - pace: How quickly the endpoint responds.
        public init(gate: Gate, pace: Webhook.EndpointPace.Class) {
            self.gate = gate
            self.pace = pace
        }

        /// The standing of a deleted webhook.
        public static let gone = Standing(gate: .stopped, pace: .untried)
    }

    /// Returns what a claim needs to know about the webhook.
    ///
    /// - Parameters:
    ///   - now: The store's time.
    ///   - rules: How many requests may be in flight when the circuit breaker does not limit them.
    /// - Returns: The standing.
    public func standing(now: Timestamp, rules: DeliveryRules) -> Standing {
        Standing(gate: gate(now: now, rules: rules), pace: pace.classification(now: now))
    }

    /// Decides whether a test may start now.
    ///
    /// Tests ignore the gate, but not the caps and the rate limit, which apply to every request.
    ///
    /// - Parameters:
    ///   - leased: How many deliveries of the webhook are leased.
    ///   - leasedOfAccount: How many deliveries of the account are leased.
    ///   - now: The store's time.
    ///   - rules: The caps.
    /// - Returns: When to ask again; `nil` if the test may start.
    public func earliestTestTime(
        leased: Int, leasedOfAccount: Int, now: Timestamp, rules: DeliveryRules
    ) -> Timestamp? {
        // A report may free a slot at any time, and most reports arrive within a second.
        if leased >= rules.maximumInFlightPerWebhook || leasedOfAccount >= rules.maximumInFlightPerAccount {
            return now + .seconds(1)
        }
        guard let requestsPerSecond else { return nil }
        let opensAt = health.rate.opensAt(perSecond: requestsPerSecond)
        return now < opensAt && opensAt <= now + .seconds(2) ? opensAt : nil
    }
}
