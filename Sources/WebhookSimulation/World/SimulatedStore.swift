internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookLimits
internal import WebhookSigning
internal import WebhookStoreKit

/// The store as one host sees it, whose calls take time and may fail with an unknown outcome.
struct SimulatedStore: RoutingStore {
    let world: SimulatedWorld
    let host: SimulatedHost

    /// Calls the store under test, and records the result in the history before the caller receives it.
    private func call<Value: Sendable>(
        _ site: FaultSite, _ body: @escaping @Sendable (any WebhookStore) async throws -> Value,
        _ remember: @escaping (History, Value) -> Void = { _, _ in }
    ) async throws -> Value {
        let world = world
        return try await host.call(site) {
            let value = try world.effects.run { try await body(world.store) }
            remember(world.history, value)
            return value
        }
    }

    func forward<Value: Sendable>(
        _ account: AccountID?, _ call: @escaping @Sendable (any WebhookStore) async throws -> Value
    ) async throws -> Value {
        try await self.call(.administer, call)
    }

    func create(_ registered: RegisteredWebhook, limits: ServiceLimits) async throws {
        try await call(.administer, { try await $0.create(registered, limits: limits) }) { history, _ in
            history.webhookChanged(registered.webhook, secrets: registered.secrets)
        }
    }

    func webhook(_ id: WebhookID, account: AccountID) async throws -> RegisteredWebhook? {
        let host = host.number
        return try await call(.recheck, { try await $0.webhook(id, account: account) }) { history, _ in
            history.webhookRead(id, by: host)
        }
    }

    func update(
        _ id: WebhookID, _ update: Webhook.Update, account: AccountID, limits: ServiceLimits
    ) async throws -> Webhook? {
        try await call(.administer, { try await $0.update(id, update, account: account, limits: limits) }) {
            history, webhook in
            if let webhook { history.webhookChanged(webhook) }
        }
    }

    func disable(_ id: WebhookID, account: AccountID) async throws -> Webhook? {
        try await call(.administer, { try await $0.disable(id, account: account) }) { history, webhook in
            if let webhook { history.webhookChanged(webhook) }
        }
    }

    func enable(
        _ id: WebhookID, account: AccountID, backlog: Webhook.BacklogPolicy, limits: ServiceLimits
    ) async throws -> Webhook? {
        let query = Delivery.Query(accountID: account, webhookID: id, phases: [.cancelled], limit: .max)
        return try await call(
            .administer,
            { store in
                let webhook = try await store.enable(id, account: account, backlog: backlog, limits: limits)
                return (webhook, backlog == .discard ? try await store.deliveries(query).map(\.delivery.id) : [])
            },
            { history, result in
                guard let webhook = result.0 else { return }
                history.webhookChanged(webhook)
                if backlog == .discard { history.discarded(id, cancelled: result.1) }
            }
        ).0
    }

    func changeSecrets(
        of id: WebhookID, _ change: SecretRotation.Change, account: AccountID
    ) async throws -> SecretRotation? {
        try await call(.administer, { try await $0.changeSecrets(of: id, change, account: account) }) {
            history, secrets in
            if secrets != nil { history.secretsChanged(of: id, change) }
        }
    }

    func delete(_ id: WebhookID, account: AccountID) async throws -> Bool {
        try await call(.administer, { try await $0.delete(id, account: account) }) { history, isDeleted in
            if isDeleted { history.webhookDeleted(id) }
        }
    }

    /// A simulated store has no signals, so that dispatchers also depend on their polls.
    func listen(_ wake: @escaping @Sendable () -> Void) async {}

    func publish(_ publication: EventPublication) async throws -> PublishReceipt {
        try await call(.publish, { try await $0.publish(publication) }) { history, receipt in
            history.published(publication, receipt)
        }
    }

    func redeliver(
        _ id: DeliveryID, account: AccountID, as new: DeliveryID, limits: ServiceLimits
    ) async throws -> Delivery.RedeliveryResult {
        try await call(.administer, { try await $0.redeliver(id, account: account, as: new, limits: limits) }) {
            history, result in
            if case .made(let delivery) = result { history.redelivered(delivery) }
        }
    }

    func start(_ replay: Replay, limits: ServiceLimits) async throws {
        try await call(.administer, { try await $0.start(replay, limits: limits) }) { history, _ in
            history.replays[replay.id] = replay
            history.happened("replays")
        }
    }

    func claim(_ request: ClaimRequest) async throws -> ClaimReply {
        let (host, world) = (host, world)
        let askedAt = world.scheduler.now
        // A user may change a webhook between the claim of its deliveries and their requests.
        if world.faults.fires(.changes) { world.changeSoon() }
        return try await call(
            .claim,
            { store in
                let reply = try await store.claim(request)
                // A claim also advances replays, so their redeliveries are recorded at the same moment.
                var made: [Delivery] = []
                for account in Set(world.history.replays.values.map(\.accountID)) {
                    let all = try await store.deliveries(Delivery.Query(accountID: account, limit: .max))
                    made += all.map(\.delivery).filter { $0.trigger == .replay }
                }
                return (reply, made)
            },
            { history, result in
                for delivery in result.1.sorted(by: { $0.sequence < $1.sequence }) { history.redelivered(delivery) }
                history.claimed(result.0, request, by: host, askedAt: askedAt)
            }
        ).0
    }

    func settle(
        _ settlements: [Settlement], rules: DeliveryRules, mayWait: Bool
    ) async throws -> [Delivery.SettleResult] {
        let (host, held) = (host, heldAccount(among: settlements.map(\.lease), mayWait))
        let taken = settlements.filter { $0.lease.accountID != held }
        var results = try await call(.settle, { try await $0.settle(taken, rules: rules, mayWait: mayWait) }) {
            history, results in
            history.settled(taken, results, by: host)
        }[...]
        return settlements.map { $0.lease.accountID == held ? .busy : results.popFirst() ?? .fenced }
    }

    func release(_ releases: [Release], mayWait: Bool) async throws -> [Release] {
        let held = heldAccount(among: releases.map(\.lease), mayWait)
        let taken = releases.filter { $0.lease.accountID != held }
        _ = try await call(.release, { try await $0.release(taken, mayWait: mayWait) }) { history, _ in
            history.released(taken)
        }
        return releases.filter { $0.lease.accountID == held }
    }

    /// Returns an account that another transaction occasionally locks.
    private func heldAccount(among leases: [Lease], _ mayWait: Bool) -> AccountID? {
        guard !mayWait, world.faults.areOn, world.faults.rates[.settle] != nil, world.scheduler.chance.oneIn(8) else {
            return nil
        }
        world.history.happened("accounts locked during a report")
        return leases.first?.accountID
    }
}
