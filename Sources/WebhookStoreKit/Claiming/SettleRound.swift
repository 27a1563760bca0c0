public import WebhookDelivery
public import WebhookEvents

/// A batch of settlements, for stores with their queue in a database: what to write, and what becomes claimable.
public struct SettleRound {
    /// When a claim must visit an account because of these settlements.
    public struct AccountReport: Sendable, Hashable {
        /// When the first retry is due.
        public var retryAt: Timestamp?
        /// Whether another delivery may be due now: one that waited behind an ordering key, for the webhook's gate, or
        /// for room for the class of its endpoint.
        public var isFreed = false
    }

    private let now: Timestamp
    private let rules: DeliveryRules

    /// The webhooks that have settlements, in their new state.
    public private(set) var webhooks: [WebhookID: Webhook] = [:]
    /// The accounts that have settlements.
    public private(set) var accounts: [AccountID: AccountReport] = [:]
    /// The deliveries and attempts to write.
    public private(set) var settled: [(delivery: Delivery, attempt: Attempt)] = []

    /// Creates an empty batch.
    ///
    /// - Parameters:
    ///   - now: The store's time.
    ///   - rules: The rules of deliveries.
    public init(now: Timestamp, rules: DeliveryRules) {
        self.now = now
        self.rules = rules
    }

    /// Adds a settlement.
    ///
    /// - Parameters:
    ///   - settlement: The settlement.
    ///   - delivery: The stored delivery; `nil` if there is none.
    ///   - stored: The stored webhook; `nil` if there is none. Earlier settlements of the batch are applied to it.
    /// - Returns: The result.
    public mutating func settle(
        _ settlement: Settlement, _ delivery: Delivery?, webhook stored: Webhook?
    ) -> Delivery.SettleResult {
        let earlier = settled.last { $0.delivery.id == settlement.lease.deliveryID }?.delivery
        guard var delivery = earlier ?? delivery, var webhook = webhooks[delivery.webhookID] ?? stored else {
            return .fenced
        }
        let (gate, pace) = (webhook.gate(now: now, rules: rules), webhook.pace.classification(now: now))
        let result = delivery.settle(settlement, webhook: &webhook, now: now, rules: rules)
        guard case .settled = result else { return result }
        settled.append((delivery, settlement.attempt))
        webhooks[webhook.id] = webhook
        var report = accounts[delivery.accountID] ?? AccountReport()
        if !delivery.state.status.isFinal { report.retryAt = earliest([report.retryAt, delivery.state.dueAt]) }
        report.isFreed =
            report.isFreed || delivery.orderingKey != nil || webhook.gate(now: now, rules: rules) != gate
            || webhook.pace.classification(now: now) != pace
        accounts[delivery.accountID] = report
        return result
    }
}
