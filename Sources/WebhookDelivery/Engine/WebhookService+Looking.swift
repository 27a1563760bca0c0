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
