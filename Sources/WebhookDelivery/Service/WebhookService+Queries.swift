public import WebhookEvents
public import WebhookLimits

extension WebhookService {
    /// Returns an account's deliveries with their attempts, newest first.
    ///
    /// - Parameter query: The deliveries to return.
    /// - Returns: The deliveries.
    /// - Throws: Errors of the store.
    public func deliveries(_ query: Delivery.Query) async throws -> [Delivery.History] {
        try await store.deliveries(query)
    }

    /// Returns a delivery with its attempts, including what the endpoint answered.
    ///
    /// - Parameters:
    ///   - id: The delivery.
    ///   - account: The account that must own it.
    /// - Returns: The delivery, with the responses' bodies that are kept; `nil` when the account has no such delivery.
    /// - Throws: Errors of the store.
    public func delivery(_ id: DeliveryID, account: AccountID) async throws -> Delivery.History? {
        try await store.delivery(id, account: account)
    }

    /// Explains why an event was delivered to a webhook, has not been delivered yet, or never will be.
    ///
    /// - Parameters:
    ///   - event: The event.
    ///   - id: The webhook.
    ///   - account: The account that must own both.
    /// - Returns: The explanation with all past and planned attempts; `nil` when the account has no such webhook.
    /// - Throws: Errors of the store.
    public func explain(_ event: EventID, to id: WebhookID, account: AccountID) async throws -> Delivery.Explanation? {
        guard let webhook = try await webhook(id, account: account) else { return nil }
        let histories = try await store.deliveries(
            Delivery.Query(accountID: account, webhookID: id, eventID: event, limit: 100))
        let earlier = try await earlierDelivery(than: histories.first?.delivery)
        return Delivery.Explanation(
            event: try await store.event(event, account: account), webhook: webhook, histories: histories.reversed(),
            hasEarlier: earlier, now: clock.now, rules: dispatcher.configuration.rules)
    }

    /// Returns whether an earlier delivery with the same ordering key is open.
    private func earlierDelivery(than delivery: Delivery?) async throws -> Bool {
        guard let delivery, let key = delivery.orderingKey, !delivery.state.status.isFinal else { return false }
        var query = Delivery.Query(
            accountID: delivery.accountID, webhookID: delivery.webhookID, phases: Delivery.Phase.open, limit: 1)
        (query.orderingKey, query.sequenceBelow) = (key, delivery.sequence)
        return try await !store.deliveries(query).isEmpty
    }

    /// Returns statistics of a webhook: success rate, latencies and causes of failure, for each step.
    ///
    /// - Parameters:
    ///   - id: The webhook.
    ///   - account: The account that must own the webhook.
    ///   - span: The length of the time window, which ends now.
    ///   - step: The length of a step.
    /// - Returns: The statistics, or `nil` when the account has no such webhook.
    /// - Throws: ``DeliveryError`` with code ``DeliveryError/Code/invalidWindow``; `LimitError`, with the time to
    ///   retry, if too many scans of histories are running; errors of the store.
    public func statistics(
        of id: WebhookID, account: AccountID, span: Duration = .seconds(86_400), step: Duration = .seconds(3600)
    ) async throws -> DeliveryStatistics? {
        let window = try DeliveryStatistics.Window(endingAt: clock.now, span: span, step: step)
        guard try await webhook(id, account: account) != nil else { return nil }
        return try await scans.run(for: account, orThrow: busy) {
            try await store.statistics(of: id, account: account, over: window)
        }
    }

    /// Returns how much of its limits an account uses.
    ///
    /// - Parameter account: The account.
    /// - Returns: The limits, their use, what is left, and when they reset.
    /// - Throws: Errors of the store.
    public func limits(of account: AccountID) async throws -> ServiceLimits.Snapshot {
        limits.snapshot(of: try await webhooks(of: account).map { ($0.id, $0.quota) }, now: clock.now)
    }

    /// Counts deliveries by status.
    ///
    /// - Parameter account: The account, or `nil` for all.
    /// - Returns: The counts.
    /// - Throws: `LimitError` if too many scans of the account's history are running; errors of the store.
    public func deliveryCounts(of account: AccountID? = nil) async throws -> DeliveryCounts {
        guard let account else { return try await store.deliveryCounts(of: nil) }
        return try await scans.run(for: account, orThrow: busy) { try await store.deliveryCounts(of: account) }
    }
}
