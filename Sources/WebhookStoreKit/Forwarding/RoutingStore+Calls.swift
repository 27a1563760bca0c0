// The requirements of `WebhookStore`, each forwarded.
public import WebhookDelivery
public import WebhookEvents
public import WebhookLimits
public import WebhookSigning

extension RoutingStore {
    /// Forwards `create`.
    public func create(_ registered: RegisteredWebhook, limits: ServiceLimits) async throws {
        try await forward(registered.webhook.accountID) { try await $0.create(registered, limits: limits) }
    }

    /// Forwards `webhook`.
    public func webhook(_ id: WebhookID, account: AccountID) async throws -> RegisteredWebhook? {
        try await forward(account) { try await $0.webhook(id, account: account) }
    }

    /// Forwards `webhooks`.
    public func webhooks(of account: AccountID) async throws -> [Webhook] {
        try await forward(account) { try await $0.webhooks(of: account) }
    }

    /// Forwards `unreadableWebhooks`.
    public func unreadableWebhooks(of account: AccountID) async throws -> [WebhookID] {
        try await forward(account) { try await $0.unreadableWebhooks(of: account) }
    }

    /// Forwards `update`.
    public func update(
        _ id: WebhookID, _ update: Webhook.Update, account: AccountID, limits: ServiceLimits
    ) async throws -> Webhook? {
        try await forward(account) { try await $0.update(id, update, account: account, limits: limits) }
    }

    /// Forwards `disable`.
    public func disable(_ id: WebhookID, account: AccountID) async throws -> Webhook? {
        try await forward(account) { try await $0.disable(id, account: account) }
    }

    /// Forwards `enable`.
    public func enable(
        _ id: WebhookID, account: AccountID, backlog: Webhook.BacklogPolicy, limits: ServiceLimits
    ) async throws -> Webhook? {
        try await forward(account) { try await $0.enable(id, account: account, backlog: backlog, limits: limits) }
    }

    /// Forwards `discardBacklog`.
    public func discardBacklog(of id: WebhookID, account: AccountID) async throws -> Webhook? {
        try await forward(account) { try await $0.discardBacklog(of: id, account: account) }
    }

    /// Forwards `retiredWebhooks`.
    public func retiredWebhooks(before: Timestamp, limit: Int) async throws -> [Webhook.Key] {
        try await forward(nil) { try await $0.retiredWebhooks(before: before, limit: limit) }
    }

    /// Forwards `changeSecrets`.
    public func changeSecrets(
        of id: WebhookID, _ change: SecretRotation.Change, account: AccountID
    ) async throws -> SecretRotation? {
        try await forward(account) { try await $0.changeSecrets(of: id, change, account: account) }
    }

    /// Forwards `delete`.
    public func delete(_ id: WebhookID, account: AccountID) async throws -> Bool {
        try await forward(account) { try await $0.delete(id, account: account) }
    }
}

extension RoutingStore {
    /// Forwards `publish`.
    public func publish(_ publication: EventPublication) async throws -> PublishReceipt {
        try await forward(publication.accountID) { try await $0.publish(publication) }
    }

    /// Forwards `lease`.
    public func lease(
        test publication: EventPublication, to webhook: WebhookID, rules: DeliveryRules
    ) async throws -> Delivery.TestLeaseResult {
        try await forward(publication.accountID) { try await $0.lease(test: publication, to: webhook, rules: rules) }
    }

    /// Forwards `redeliver`.
    public func redeliver(
        _ id: DeliveryID, account: AccountID, as new: DeliveryID, limits: ServiceLimits
    ) async throws -> Delivery.RedeliveryResult {
        try await forward(account) { try await $0.redeliver(id, account: account, as: new, limits: limits) }
    }

    /// Forwards `claim`.
    public func claim(_ request: ClaimRequest) async throws -> ClaimReply {
        try await forward(nil) { try await $0.claim(request) }
    }

    /// Forwards `settle`.
    public func settle(
        _ settlements: [Settlement], rules: DeliveryRules, mayWait: Bool
    ) async throws -> [Delivery.SettleResult] {
        try await forward(nil) { try await $0.settle(settlements, rules: rules, mayWait: mayWait) }
    }

    /// Forwards `listen`; a failure of ``RoutingStore/forward(_:_:)`` ends it.
    public func listen(_ wake: @escaping @Sendable () -> Void) async {
        try? await forward(nil) { await $0.listen(wake) }
    }

    /// Forwards `release`.
    public func release(_ releases: [Release], mayWait: Bool) async throws -> [Release] {
        try await forward(nil) { try await $0.release(releases, mayWait: mayWait) }
    }
}

extension RoutingStore {
    /// Forwards `event`.
    public func event(_ id: EventID, account: AccountID) async throws -> StoredEvent? {
        try await forward(account) { try await $0.event(id, account: account) }
    }

    /// Forwards `delivery`.
    public func delivery(_ id: DeliveryID, account: AccountID) async throws -> Delivery.History? {
        try await forward(account) { try await $0.delivery(id, account: account) }
    }

    /// Forwards `deliveries`.
    public func deliveries(_ query: Delivery.Query) async throws -> [Delivery.History] {
        try await forward(query.accountID) { try await $0.deliveries(query) }
    }

    /// Forwards `statistics`.
    public func statistics(
        of webhook: WebhookID, account: AccountID, over window: DeliveryStatistics.Window
    ) async throws -> DeliveryStatistics {
        try await forward(account) { try await $0.statistics(of: webhook, account: account, over: window) }
    }

    /// Forwards `deliveryCounts`.
    public func deliveryCounts(of account: AccountID?) async throws -> DeliveryCounts {
        try await forward(account) { try await $0.deliveryCounts(of: account) }
    }

    /// Forwards `prune`.
    public func prune(before: Timestamp, limit: Int) async throws -> Int {
        try await forward(nil) { try await $0.prune(before: before, limit: limit) }
    }

    /// Forwards `removeResponseBodies`.
    public func removeResponseBodies(before: Timestamp, limit: Int) async throws -> Int {
        try await forward(nil) { try await $0.removeResponseBodies(before: before, limit: limit) }
    }

    /// Forwards `erase`.
    public func erase(_ account: AccountID, limit: Int) async throws -> Int {
        try await forward(account) { try await $0.erase(account, limit: limit) }
    }
}

extension RoutingStore {
    /// Forwards `count`.
    public func count(_ filter: Replay.Filter, account: AccountID) async throws -> Int {
        try await forward(account) { try await $0.count(filter, account: account) }
    }

    /// Forwards `start`.
    public func start(_ replay: Replay, limits: ServiceLimits) async throws {
        try await forward(replay.accountID) { try await $0.start(replay, limits: limits) }
    }

    /// Forwards `replays`.
    public func replays(of account: AccountID, before: ReplayID?, limit: Int) async throws -> [Replay] {
        try await forward(account) { try await $0.replays(of: account, before: before, limit: limit) }
    }

    /// Forwards `replay`.
    public func replay(_ id: ReplayID, account: AccountID) async throws -> Replay? {
        try await forward(account) { try await $0.replay(id, account: account) }
    }

    /// Forwards `cancelReplay`.
    public func cancelReplay(_ id: ReplayID, account: AccountID) async throws -> Replay? {
        try await forward(account) { try await $0.cancelReplay(id, account: account) }
    }
}
