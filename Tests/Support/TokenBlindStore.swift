public import WebhookDelivery
internal import WebhookEvents
public import WebhookStoreKit

/// Settles by delivery, whatever the token says: the fault that lets a stalled worker overwrite its successor.
public final class TokenBlindStore: ForwardingStore {
    /// The store that performs the calls.
    public let base: any WebhookStore
    /// Wraps a store.
    public init(_ base: any WebhookStore) { self.base = base }

    /// Settles with the current token of each delivery.
    public func settle(
        _ settlements: [Settlement], rules: DeliveryRules, mayWait: Bool
    ) async throws -> [Delivery.SettleResult] {
        var current: [Delivery.History] = []
        for account in ["acc_0", "acc_1", "acc_2"] as [AccountID] {
            current += try await base.deliveries(Delivery.Query(accountID: account, limit: 1000))
        }
        let blind = settlements.map { settlement in
            let state = current.first { $0.delivery.id == settlement.lease.deliveryID }?.delivery.state
            let lease = Lease(
                deliveryID: settlement.lease.deliveryID, webhookID: settlement.lease.webhookID,
                accountID: settlement.lease.accountID,
                token: state?.token ?? settlement.lease.token)
            return Settlement(
                lease: lease, attempt: settlement.attempt, outcome: settlement.outcome, decision: settlement.decision)
        }
        return try await base.settle(blind, rules: rules, mayWait: mayWait)
    }
}
