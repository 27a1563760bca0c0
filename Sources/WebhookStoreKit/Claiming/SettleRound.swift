package import WebhookDelivery
package import WebhookEvents

/// A batch of reports, for stores that keep their queue in a database: what is to be written, and what it makes claimable.
package struct SettleRound {
    /// When a claim has to look at an account because of these reports.
    package struct AccountReport: Sendable, Hashable {
        /// When the first of its retries is due.
        package var retryAt: Timestamp?
        /// Whether something else may be due now: what waited behind a delivery in an order, for its webhook's gate, or
        /// for a place among endpoints of its class.
        package var isFreed = false
    }

    private let now: Timestamp
    private let rules: DeliveryRules

    /// The webhooks that were reported on, as they are now.
    package private(set) var webhooks: [WebhookID: Webhook] = [:]
    /// The accounts of which something was settled.
    package private(set) var accounts: [AccountID: AccountReport] = [:]
    /// The deliveries to write, and the attempts with them.
    package private(set) var settled: [(delivery: Delivery, attempt: Attempt)] = []

    package init(at now: Timestamp, rules: DeliveryRules) {
        self.now = now
        self.rules = rules
    }

    /// Takes a report.
    ///
    /// - Parameters:
    ///   - settlement: The report.
    ///   - delivery: The delivery as the store has it; `nil` when there is none.
    ///   - stored: The webhook as the store has it; `nil` when there is none. Earlier reports of the batch are added to it.
    /// - Returns: Whether it counts.
    package mutating func settle(
        _ settlement: Settlement, _ delivery: Delivery?, webhook stored: Webhook?
    ) -> Delivery.OnSettle {
        let earlier = settled.last { $0.delivery.id == settlement.lease.delivery }?.delivery
        guard var delivery = earlier ?? delivery, var webhook = webhooks[delivery.webhook] ?? stored else {
            return .fenced
        }
        let (gate, pace) = (webhook.gate(at: now, rules: rules), webhook.pace.classification(at: now))
        let result = delivery.settle(settlement, webhook: &webhook, at: now, rules: rules)
        guard case .settled = result else { return result }
        settled.append((delivery, settlement.attempt))
        webhooks[webhook.id] = webhook
        var report = accounts[delivery.account] ?? AccountReport()
        if !delivery.state.status.isFinal { report.retryAt = earliest([report.retryAt, delivery.state.dueAt]) }
        report.isFreed =
            report.isFreed || delivery.orderingKey != nil || webhook.gate(at: now, rules: rules) != gate
            || webhook.pace.classification(at: now) != pace
        accounts[delivery.account] = report
        return result
    }
}
