public import WebhookEvents

extension ServiceLimits.Snapshot {
    /// The usage of one limit.
    public struct Usage: Sendable, Hashable {
        /// The limit.
        public let limit: Int
        /// The used amount; more than the limit if the limit was lowered meanwhile.
        public let used: Int
        /// When the usage resets to zero; `nil` for limits that do not reset.
        public let resetsAt: Timestamp?

        /// Creates a usage.
        ///
        /// - Parameters:
        ///   - limit: The limit.
        ///   - used: The used amount.
        ///   - resetsAt: When the usage resets to zero; `nil` for limits that do not reset.
        public init(limit: Int, used: Int, resetsAt: Timestamp? = nil) {
            self.limit = limit
            self.used = used
            self.resetsAt = resetsAt
        }

        /// The remaining amount.
        public var left: Int { used < limit ? limit - max(0, used) : 0 }
    }
}

extension ServiceLimits {
    /// An account's limits and their usage.
    public struct Snapshot: Sendable, Hashable {
        /// The daily usage of one webhook.
        public struct Day: Sendable, Hashable {
            /// The webhook.
            public let webhookID: WebhookID
            /// The webhook's deliveries today.
            public let deliveries: ServiceLimits.Snapshot.Usage
        }

        /// The account's webhooks.
        public let webhooks: ServiceLimits.Snapshot.Usage
        /// The daily usage of each webhook, in the order given.
        public let days: [Day]
        /// The configured limits.
        public let limits: ServiceLimits
    }
}

extension ServiceLimits {
    /// Returns the usage of an account's limits.
    ///
    /// - Parameters:
    ///   - quotas: The account's webhooks with their daily quotas.
    ///   - now: The current time.
    /// - Returns: The snapshot.
    public func snapshot(of quotas: [(webhook: WebhookID, quota: DailyQuota)], now: Timestamp) -> ServiceLimits.Snapshot
    {
        ServiceLimits.Snapshot(
            webhooks: ServiceLimits.Snapshot.Usage(limit: webhooksPerAccount, used: quotas.count),
            days: quotas.map { entry in
                ServiceLimits.Snapshot.Day(
                    webhookID: entry.webhook, deliveries: entry.quota.usage(now: now, limit: deliveriesPerDay))
            },
            limits: self)
    }
}
