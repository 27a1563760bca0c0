public import WebhookEvents
internal import WebhookLimits

extension Webhook {
    /// Whether attempts may start, as far as the webhook itself goes.
    public enum Gate: Sendable, Hashable {
        /// So many may be in flight at once.
        case open(room: Int)
        /// Its circuit breaker, its endpoint's `Retry-After` or its rate holds requests back until then; no retry is used up
        /// meanwhile.
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
        let longestBreak = rules.health.breaker.longestBreak
        let breakEnd = health.breaker.pausedUntil.flatMap { now < $0 && $0 <= now + longestBreak ? $0 : nil }
        if let end = [breakEnd, quietEnd(at: now, rules.health)].compactMap(\.self).max() {
            return .closed(until: end)
        }
        if let requestsPerSecond {
            let opensAt = health.rate.opensAt(perSecond: requestsPerSecond)
            if now < opensAt, opensAt <= now + .seconds(2) { return .closed(until: opensAt) }
        }
        return .open(room: min(health.breaker.allowance ?? rules.perWebhook, rules.perWebhook))
    }

    /// When deliveries that are not charged to a day yet may begin: `nil` for now, the next day when this one is used up.
    ///
    /// - Parameters:
    ///   - now: The store's time.
    ///   - rules: How many deliveries may begin on one day.
    /// - Returns: The moment.
    package func beginsAgain(at now: Timestamp, rules: DeliveryRules) -> Timestamp? {
        let usage = quota.usage(at: now, limit: rules.dailyLimit)
        return usage.used >= usage.limit ? usage.resetsAt : nil
    }

    /// What a claim has to know of a webhook besides its deliveries.
    public struct Standing: Sendable, Hashable {
        /// Whether attempts may start.
        public let gate: Gate
        /// How soon its endpoint answers.
        public let pace: EndpointPace.Class

        /// Creates a standing.
        ///
        /// - Parameters:
        ///   - gate: Whether attempts may start.
        ///   - pace: How soon its endpoint answers.
        public init(gate: Gate, pace: EndpointPace.Class) {
            self.gate = gate
            self.pace = pace
        }

        /// A webhook that is gone.
        public static let gone = Standing(gate: .stopped, pace: .untried)
    }

    /// What a claim has to know of the webhook.
    ///
    /// - Parameters:
    ///   - now: The store's time.
    ///   - rules: How many requests may be in flight when the endpoint is well.
    /// - Returns: The standing.
    public func standing(at now: Timestamp, rules: DeliveryRules) -> Standing {
        Standing(gate: gate(at: now, rules: rules), pace: pace.classification(at: now))
    }

    /// Decides whether a test may start now.
    ///
    /// Tests are sent whatever the gate says, but never past the caps and the rate that hold for every request.
    ///
    /// - Parameters:
    ///   - leased: How many deliveries of the webhook are leased.
    ///   - leasedOfAccount: How many deliveries of its account are leased.
    ///   - now: The store's time.
    ///   - rules: The caps.
    /// - Returns: When to ask again; `nil` when it may start.
    public func testMustWait(
        leased: Int, leasedOfAccount: Int, at now: Timestamp, rules: DeliveryRules
    ) -> Timestamp? {
        // A report makes room at any moment, and most come within a second.
        if leased >= rules.perWebhook || leasedOfAccount >= rules.perAccount { return now + .seconds(1) }
        guard let requestsPerSecond else { return nil }
        let opensAt = health.rate.opensAt(perSecond: requestsPerSecond)
        return now < opensAt && opensAt <= now + .seconds(2) ? opensAt : nil
    }

    /// Switches it on: requests come back slowly, and its health is learnt anew.
    ///
    /// - Parameter now: The store's time.
    public mutating func enable(at now: Timestamp) {
        // The owner's decision outranks what the endpoint asked for.
        health.quietUntil = nil
        guard state != .active else { return }
        state = .active
        version.countUp()
        (health.failingSince, health.warned, health.enabledAt) = (nil, nil, now)
        health.breaker.ramp()
        pace.restart(at: now)
    }

    /// Switches it off.
    public mutating func disable() {
        guard state != .disabled else { return }
        state = .disabled
        version.countUp()
    }
}
