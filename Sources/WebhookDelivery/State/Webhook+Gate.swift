public import WebhookEvents

extension Webhook {
    /// Whether attempts may start, as far as the webhook itself goes.
    public enum Gate: Sendable, Hashable {
        /// So many may be in flight at once.
        case open(room: Int)
        /// Its circuit breaker or its rate holds requests back until then; no retry is used up meanwhile.
        case closed(until: Timestamp)
        /// It is disabled or failed: its deliveries wait for somebody to switch it on.
        case stopped
    }

    /// Decides whether attempts may start.
    ///
    /// - Parameters:
    ///   - now: The store's time.
    ///   - rules: How many may be in flight when the endpoint is well.
    /// - Returns: The decision.
    public func gate(at now: Timestamp, rules: DeliveryRules) -> Gate {
        guard state == .active else { return .stopped }
        // A moment further off than any that is set was set by a clock that was ahead.
        if let end = health.breaker.pausedUntil, now < end, end <= now + rules.health.breaker.longestBreak {
            return .closed(until: end)
        }
        if let requestsPerSecond {
            let opensAt = health.rate.opensAt(perSecond: requestsPerSecond)
            if now < opensAt, opensAt <= now + .seconds(2) { return .closed(until: opensAt) }
        }
        return .open(room: min(health.breaker.allowance ?? rules.perWebhook, rules.perWebhook))
    }

    /// Switches it on: requests come back slowly, and its health is learnt anew.
    ///
    /// - Parameter now: The store's time.
    public mutating func enable(at now: Timestamp) {
        guard state != .active else { return }
        state = .active
        version += 1
        (health.failingSince, health.warned, health.enabledAt) = (nil, nil, now)
        health.breaker.ramp()
    }

    /// Switches it off.
    public mutating func disable() {
        guard state != .disabled else { return }
        state = .disabled
        version += 1
    }
}
