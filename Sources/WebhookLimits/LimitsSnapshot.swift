public import WebhookEvents

/// How much of one limit is used.
public struct LimitUsage: Sendable, Hashable {
    /// The limit.
    public let limit: Int
    /// How much of it is used; more than the limit when the limit was lowered meanwhile.
    public let used: Int
    /// When everything is left again, for limits that begin anew.
    public let resetsAt: Timestamp?

    /// Creates a usage.
    ///
    /// - Parameters:
    ///   - limit: The limit.
    ///   - used: How much of it is used.
    ///   - resetsAt: When everything is left again.
    public init(limit: Int, used: Int, resetsAt: Timestamp? = nil) {
        self.limit = limit
        self.used = used
        self.resetsAt = resetsAt
    }

    /// How much is left.
    public var left: Int { used < limit ? limit - max(0, used) : 0 }
}

/// An account's limits, and how much of them is used.
public struct LimitsSnapshot: Sendable, Hashable {
    /// One webhook's day.
    public struct Day: Sendable, Hashable {
        /// The webhook.
        public let webhook: WebhookID
        /// Its deliveries of today.
        public let deliveries: LimitUsage
    }

    /// The account's webhooks.
    public let webhooks: LimitUsage
    /// Today, webhook by webhook, in the order given.
    public let days: [Day]
    /// The limits themselves.
    public let limits: WebhookLimits
}

extension WebhookLimits {
    /// Puts together how much an account uses.
    ///
    /// - Parameters:
    ///   - quotas: The account's webhooks with their days.
    ///   - now: The time now.
    /// - Returns: The snapshot.
    public func snapshot(of quotas: [(webhook: WebhookID, quota: DailyQuota)], at now: Timestamp) -> LimitsSnapshot {
        LimitsSnapshot(
            webhooks: LimitUsage(limit: webhooksPerAccount, used: quotas.count),
            days: quotas.map { entry in
                LimitsSnapshot.Day(
                    webhook: entry.webhook, deliveries: entry.quota.usage(at: now, limit: deliveriesPerDay))
            },
            limits: self)
    }
}
