public import WebhookDelivery
public import WebhookEvents
public import WebhookLimits
public import WebhookSigning

/// A store that forwards every call to another store.
///
/// Tests override single methods to create stores that misbehave in one way.
open class ForwardingStore: WebhookStore, @unchecked Sendable {
    // `@unchecked`, because the compiler cannot check open classes; this constant is the only state.
    /// The store that receives the calls.
    public let base: any WebhookStore

    /// Wraps a store.
    public init(_ base: any WebhookStore) { self.base = base }

    /// Forwards `create`.
    open func create(_ webhook: RegisteredWebhook, limits: WebhookLimits) async throws {
        try await base.create(webhook, limits: limits)
    }

    /// Forwards `webhooks`.
    open func webhooks(of account: AccountID) async throws -> [Webhook] { try await base.webhooks(of: account) }

    /// Forwards `unreadableWebhooks`.
    open func unreadableWebhooks(of account: AccountID) async throws -> [WebhookID] {
        try await base.unreadableWebhooks(of: account)
    }

    /// Forwards `webhook`.
    open func webhook(_ id: WebhookID, account: AccountID) async throws -> RegisteredWebhook? {
        try await base.webhook(id, account: account)
    }

    /// Forwards `update`.
    open func update(_ id: WebhookID, account: AccountID, _ update: WebhookUpdate) async throws -> Webhook? {
        try await base.update(id, account: account, update)
    }

    /// Forwards `disable`.
    open func disable(_ id: WebhookID, account: AccountID) async throws -> Webhook? {
        try await base.disable(id, account: account)
    }

    /// Forwards `enable`.
    open func enable(_ id: WebhookID, account: AccountID, drain: Drain) async throws -> Webhook? {
        try await base.enable(id, account: account, drain: drain)
    }

    /// Forwards `changeSecrets`.
    open func changeSecrets(
        of id: WebhookID, account: AccountID, _ change: SecretRotation.Step
    ) async throws -> SecretRotation? {
        try await base.changeSecrets(of: id, account: account, change)
    }

    /// Forwards `delete`.
    open func delete(_ id: WebhookID, account: AccountID) async throws -> Bool {
        try await base.delete(id, account: account)
    }

    /// Forwards `publish`.
    open func publish(_ publication: EventPublication) async throws -> PublishReceipt {
        try await base.publish(publication)
    }

    /// Forwards `lease`.
    open func lease(
        test publication: EventPublication, to webhook: WebhookID, rules: DeliveryRules
    ) async throws -> TestLease {
        try await base.lease(test: publication, to: webhook, rules: rules)
    }

    /// Forwards `redeliver`.
    open func redeliver(
        _ id: DeliveryID, account: AccountID, as new: DeliveryID, limits: WebhookLimits
    ) async throws -> Redelivery {
        try await base.redeliver(id, account: account, as: new, limits: limits)
    }

    /// Forwards `event`.
    open func event(_ id: EventID, account: AccountID) async throws -> StoredEvent? {
        try await base.event(id, account: account)
    }

    /// Forwards `count`.
    open func count(_ filter: RecoveryFilter, account: AccountID) async throws -> Int {
        try await base.count(filter, account: account)
    }

    /// Forwards `start`.
    open func start(_ recovery: Recovery, limits: WebhookLimits) async throws {
        try await base.start(recovery, limits: limits)
    }

    /// Forwards `recovery`.
    open func recovery(_ id: RecoveryID, account: AccountID) async throws -> Recovery? {
        try await base.recovery(id, account: account)
    }

    /// Forwards `cancelRecovery`.
    open func cancelRecovery(_ id: RecoveryID, account: AccountID) async throws -> Recovery? {
        try await base.cancelRecovery(id, account: account)
    }

    /// Forwards `prune`.
    open func prune(before: Timestamp, limit: Int) async throws -> Int {
        try await base.prune(before: before, limit: limit)
    }

    /// Forwards `erase`.
    open func erase(_ account: AccountID, limit: Int) async throws -> Int {
        try await base.erase(account, limit: limit)
    }

    /// Forwards `claim`.
    open func claim(_ request: ClaimRequest) async throws -> ClaimReply { try await base.claim(request) }

    /// Forwards `settle`.
    open func settle(
        _ settlements: [Settlement], rules: DeliveryRules, mayWait: Bool
    ) async throws -> [Delivery.OnSettle] {
        try await base.settle(settlements, rules: rules, mayWait: mayWait)
    }

    /// Forwards `release`.
    open func release(_ releases: [Release], mayWait: Bool) async throws -> [Release] {
        try await base.release(releases, mayWait: mayWait)
    }

    /// Forwards `deliveries`.
    open func deliveries(_ query: DeliveryQuery) async throws -> [DeliveryHistory] {
        try await base.deliveries(query)
    }

    /// Forwards `statistics`.
    open func statistics(
        of webhook: WebhookID, account: AccountID, over window: StatisticsWindow
    ) async throws -> DeliveryStatistics {
        try await base.statistics(of: webhook, account: account, over: window)
    }

    /// Forwards `ledger`.
    open func ledger(of account: AccountID?) async throws -> Ledger { try await base.ledger(of: account) }
}
