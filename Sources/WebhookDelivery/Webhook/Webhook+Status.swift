public import WebhookEvents
public import WebhookLimits

// The changes of a webhook's status, and the end of its life.
extension Webhook {
    /// Enables the webhook; requests resume slowly, and health data starts over.
    ///
    /// - Parameter now: The store's time.
    public mutating func enable(now: Timestamp) {
        // The owner's decision overrides a `Retry-After`.
        health.backOffUntil = nil
        guard status != .active else { return }
        move(to: .active, nil, now: now)
        (health.failingSince, health.warned, health.enabledAt) = (nil, nil, now)
        health.breaker.ramp()
        pace.restart(now: now)
    }

    /// Disables the webhook for its owner.
    ///
    /// - Parameter now: The store's time.
    public mutating func disable(now: Timestamp) {
        // The owner's decision stays, whatever stopped the webhook before.
        guard status != .disabled || statusReason != .owner else { return }
        move(to: .disabled, .owner, now: now)
    }

    /// Restores the status from a store.
    ///
    /// - Parameters:
    ///   - status: The status.
    ///   - reason: Why the webhook is not active.
    ///   - since: Since when it has the status.
    public mutating func restore(_ status: Status, _ reason: StatusReason?, since: Timestamp) {
        (self.status, statusReason, statusSince) = (status, reason, since)
    }

    /// Changes the status, which other workers must notice before their next request.
    mutating func move(to status: Status, _ reason: StatusReason?, now: Timestamp) {
        (self.status, statusReason, statusSince, updatedAt) = (status, reason, now, now)
        version.countUp()
    }

    /// Returns whether the webhook has expired.
    ///
    /// - Parameter now: The store's time.
    /// - Returns: Whether it has expired.
    public func hasExpired(now: Timestamp) -> Bool { expiresAt.map { $0 <= now } ?? false }

    /// When the webhook's life ends, because it expires or its endpoint answered 410; `nil` if it did not.
    ///
    /// The time may be in the future.
    public var retiresAt: Timestamp? {
        [status == .disabled && statusReason == .gone ? statusSince : nil, expiresAt].compactMap(\.self).min()
    }

    /// Returns whether the webhook counts towards the limit of its account.
    ///
    /// - Parameters:
    ///   - now: The store's time.
    ///   - limits: How long a retired webhook still counts.
    /// - Returns: Whether it counts.
    public func counts(now: Timestamp, limits: ServiceLimits) -> Bool {
        retiresAt.map { $0 > now - limits.retirementGrace } ?? true
    }

    /// Returns whether a change made the webhook count towards the limit again, so that its account must have room.
    ///
    /// - Parameters:
    ///   - old: The webhook before the change.
    ///   - now: The store's time.
    ///   - limits: How long a retired webhook still counts.
    /// - Returns: Whether it counts, and did not before.
    public func countsAgain(after old: Webhook, now: Timestamp, limits: ServiceLimits) -> Bool {
        counts(now: now, limits: limits) && !old.counts(now: now, limits: limits)
    }
}
