public import WebhookEvents
public import WebhookLimits

extension WebhookService {
    /// An account's deliveries with their attempts, newest first.
    ///
    /// - Parameter query: Which ones.
    /// - Returns: The deliveries.
    /// - Throws: What the store throws.
    public func deliveries(_ query: DeliveryQuery) async throws -> [DeliveryHistory] {
        try await store.deliveries(query)
    }

    /// Says why an event arrived at a webhook, has not arrived yet, or never will.
    ///
    /// - Parameters:
    ///   - event: The event.
    ///   - id: The webhook.
    ///   - account: The account that both must belong to.
    /// - Returns: The explanation, with every attempt so far and those to come; `nil` when the account has no such webhook.
    /// - Throws: What the store throws.
    public func explain(_ event: EventID, to id: WebhookID, account: AccountID) async throws -> Explanation? {
        guard let webhook = try await store.webhook(id)?.webhook, webhook.account == account else { return nil }
        let histories = try await store.deliveries(
            DeliveryQuery(account: account, webhook: id, event: event, limit: 100))
        let earlier = try await earlierDelivery(than: histories.first?.delivery)
        return Explanation(
            event: try await store.event(event, account: account), webhook: webhook, histories: histories.reversed(),
            hasEarlier: earlier, at: clock.now, rules: dispatcher.configuration.rules)
    }

    /// Whether an open delivery with the same ordering key stands before this one.
    private func earlierDelivery(than delivery: Delivery?) async throws -> Bool {
        guard let delivery, let key = delivery.orderingKey, !delivery.state.status.isFinal else { return false }
        for status in [DeliveryState.Status.pending, .leased] {
            let open = try await store.deliveries(
                DeliveryQuery(account: delivery.account, webhook: delivery.webhook, status: status, limit: .max))
            if open.contains(where: { $0.delivery.orderingKey == key && $0.delivery.sequence < delivery.sequence }) {
                return true
            }
        }
        return false
    }

    /// How much of its limits an account uses.
    ///
    /// - Parameter account: The account.
    /// - Returns: The limits, what is used, what is left, and when that begins anew.
    /// - Throws: What the store throws.
    public func limits(of account: AccountID) async throws -> LimitsSnapshot {
        limits.snapshot(of: try await webhooks(of: account).map { ($0.id, $0.quota) }, at: clock.now)
    }

    /// Counts deliveries by where they stand.
    ///
    /// - Parameter account: The account, or `nil` for all.
    /// - Returns: The counts.
    /// - Throws: What the store throws.
    public func ledger(of account: AccountID? = nil) async throws -> Ledger {
        try await store.ledger(of: account)
    }
}
