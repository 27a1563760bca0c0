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
        guard let webhook = try await webhook(id, account: account) else { return nil }
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
        var query = DeliveryQuery(
            account: delivery.account, webhook: delivery.webhook, phases: DeliveryPhase.open, limit: 1)
        (query.orderingKey, query.sequenceBelow) = (key, delivery.sequence)
        return try await !store.deliveries(query).isEmpty
    }

    /// Says how a webhook has been doing: success rate, latencies, causes of failure, step by step.
    ///
    /// - Parameters:
    ///   - id: The webhook.
    ///   - span: How long ago the statistics begin.
    ///   - step: The length of a step.
    ///   - account: The account that the webhook must belong to.
    /// - Returns: The statistics, or `nil` when the account has no such webhook.
    /// - Throws: ``DeliveryError`` with code ``DeliveryError/Code/invalidWindow``; `LimitError` while as
    ///   many histories are read as may be, with the time to try again; what the store throws.
    public func statistics(
        of id: WebhookID, span: Duration = .seconds(86_400), step: Duration = .seconds(3600), account: AccountID
    ) async throws -> DeliveryStatistics? {
        let window = try StatisticsWindow(endingAt: clock.now, span: span, step: step)
        guard try await webhook(id, account: account) != nil else { return nil }
        return try await scans.run(for: account, orThrow: busy) {
            try await store.statistics(of: id, account: account, over: window)
        }
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
    /// - Throws: `LimitError` while as many histories of the account are read as may be; what the store throws.
    public func ledger(of account: AccountID? = nil) async throws -> Ledger {
        guard let account else { return try await store.ledger(of: nil) }
        return try await scans.run(for: account, orThrow: busy) { try await store.ledger(of: account) }
    }
}
