internal import Synchronization
public import WebhookEvents
public import WebhookLimits
public import WebhookSigning

/// Several stores as one: every account lives in one of them, and every intention but a claim touches one of them.
///
/// Give it to the service, and run a ``Dispatcher`` for each shard: then one that is down holds up no other. A single dispatcher over
/// all of them takes an even part from each, but waits for a shard that is down, and keeps reports back until it has taken them.
/// Turns between accounts hold within a shard.
public final class ShardedStore: WebhookStore {
    private let shards: [any WebhookStore]
    private let router: AccountRouter
    /// The shard that the next claim asks first.
    private let turn = Mutex(0)

    /// Creates a store.
    ///
    /// - Parameters:
    ///   - shards: The stores, always in the same order.
    ///   - router: Which account lives where; spread evenly without one.
    /// - Precondition: There is a store, and the router knows as many.
    public init(_ shards: [any WebhookStore], router: AccountRouter? = nil) {
        self.shards = shards
        self.router = router ?? AccountRouter(shards: shards.count)
        precondition(!shards.isEmpty && self.router.shards == shards.count, "a router for as many shards as there are")
    }

    private func shard(of account: AccountID) -> any WebhookStore { shards[router.shard(of: account)] }

    // MARK: - Work

    /// Leases due deliveries: from every shard an even part, and what is left from whoever has more.
    ///
    /// - Throws: What a shard throws, when none answers.
    public func claim(_ request: ClaimRequest) async throws -> ClaimReply {
        let first = turn.withLock { turn in
            turn = (turn + 1) % shards.count
            return turn
        }
        var order = shards.indices.map { (first + $0) % shards.count }
        var reply = ClaimReply(deliveries: [], nextDueIn: nil)
        var allowance = ClaimAllowance(request)
        var waits: [Int: Duration] = [:]
        var failure: (any Error)?
        for isEven in [true, false] {
            for shard in order {
                var part = allowance.rest(of: request)
                if isEven { part.count = min(part.count, (request.count + shards.count - 1) / shards.count) }
                if allowance.isExhausted { break }
                do {
                    let found = try await shards[shard].claim(part)
                    reply.deliveries += found.deliveries
                    for claimed in found.deliveries { allowance.take(claimed.size) }
                    reply.rejected += found.rejected
                    reply.usedUp += found.usedUp
                    waits[shard] = found.nextDueIn
                    if found.deliveries.count < part.count { order.removeAll { $0 == shard } }
                } catch {
                    failure = error
                    order.removeAll { $0 == shard }
                }
            }
        }
        if let failure, waits.isEmpty, reply.deliveries.isEmpty { throw failure }
        reply.nextDueIn = reply.deliveries.count < request.count ? waits.values.min() : .zero
        return reply
    }

    /// Records attempts, each in the shard of its account.
    ///
    /// - Throws: What a shard throws; the others have taken their reports then, and may be given them again.
    public func settle(
        _ settlements: [Settlement], rules: DeliveryRules, mayWait: Bool
    ) async throws -> [Delivery.OnSettle] {
        var results = [Delivery.OnSettle](repeating: .fenced, count: settlements.count)
        let places = Dictionary(grouping: settlements.indices) { router.shard(of: settlements[$0].lease.account) }
        var failure: (any Error)?
        for (shard, places) in places {
            do {
                let settled = try await shards[shard].settle(
                    places.map { settlements[$0] }, rules: rules, mayWait: mayWait)
                for (place, result) in zip(places, settled) { results[place] = result }
            } catch { failure = error }
        }
        if let failure { throw failure }
        return results
    }

    /// Gives back deliveries, each to the shard of its account.
    public func release(_ releases: [Release], mayWait: Bool) async throws -> [Release] {
        var busy: [Release] = []
        var failure: (any Error)?
        for (shard, releases) in Dictionary(grouping: releases, by: { router.shard(of: $0.lease.account) }) {
            do { busy += try await shards[shard].release(releases, mayWait: mayWait) } catch { failure = error }
        }
        if let failure { throw failure }
        return busy
    }

    /// Removes old events, from one shard after the other.
    public func prune(before: Timestamp, limit: Int) async throws -> Int {
        var removed = 0
        for shard in shards where removed < limit {
            removed += try await shard.prune(before: before, limit: limit - removed)
        }
        return removed
    }

    /// Counts deliveries, of one account or over all shards.
    public func ledger(of account: AccountID?) async throws -> Ledger {
        if let account { return try await shard(of: account).ledger(of: account) }
        var sum = Ledger()
        for shard in shards { sum.add(try await shard.ledger(of: nil)) }
        return sum
    }
}

// What is handed on to the shard of the account.
extension ShardedStore {
    /// Adds a webhook to its account's shard.
    public func create(_ webhook: RegisteredWebhook, limits: WebhookLimits) async throws {
        try await shard(of: webhook.webhook.account).create(webhook, limits: limits)
    }

    /// A webhook as it is now, with its secrets.
    public func webhook(_ id: WebhookID, account: AccountID) async throws -> RegisteredWebhook? {
        try await shard(of: account).webhook(id, account: account)
    }

    /// An account's webhooks, oldest first.
    public func webhooks(of account: AccountID) async throws -> [Webhook] {
        try await shard(of: account).webhooks(of: account)
    }

    /// An account's webhooks that cannot be read.
    public func unreadableWebhooks(of account: AccountID) async throws -> [WebhookID] {
        try await shard(of: account).unreadableWebhooks(of: account)
    }

    /// Changes a webhook's settings.
    public func update(_ id: WebhookID, account: AccountID, _ update: WebhookUpdate) async throws -> Webhook? {
        try await shard(of: account).update(id, account: account, update)
    }

    /// Switches a webhook off.
    public func disable(_ id: WebhookID, account: AccountID) async throws -> Webhook? {
        try await shard(of: account).disable(id, account: account)
    }

    /// Switches a webhook on.
    public func enable(_ id: WebhookID, account: AccountID, drain: Drain) async throws -> Webhook? {
        try await shard(of: account).enable(id, account: account, drain: drain)
    }

    /// Changes a webhook's secrets.
    public func changeSecrets(
        of id: WebhookID, account: AccountID, _ change: SecretRotation.Step
    ) async throws -> SecretRotation? {
        try await shard(of: account).changeSecrets(of: id, account: account, change)
    }

    /// Deletes a webhook.
    public func delete(_ id: WebhookID, account: AccountID) async throws -> Bool {
        try await shard(of: account).delete(id, account: account)
    }

    /// Keeps an event and its deliveries.
    public func publish(_ publication: EventPublication) async throws -> PublishReceipt {
        try await shard(of: publication.account).publish(publication)
    }

    /// Keeps a test event and its delivery, leased at once.
    public func lease(
        test publication: EventPublication, to webhook: WebhookID, rules: DeliveryRules
    ) async throws -> TestLease {
        try await shard(of: publication.account).lease(test: publication, to: webhook, rules: rules)
    }

    /// Makes a new delivery of one that is over.
    public func redeliver(
        _ id: DeliveryID, account: AccountID, as new: DeliveryID, limits: WebhookLimits
    ) async throws -> Redelivery {
        try await shard(of: account).redeliver(id, account: account, as: new, limits: limits)
    }

    /// Counts the deliveries that a recovery would send again.
    public func count(_ filter: RecoveryFilter, account: AccountID) async throws -> Int {
        try await shard(of: account).count(filter, account: account)
    }

    /// Keeps a recovery.
    public func start(_ recovery: Recovery, limits: WebhookLimits) async throws {
        try await shard(of: recovery.account).start(recovery, limits: limits)
    }

    /// A recovery as it is now.
    public func recovery(_ id: RecoveryID, account: AccountID) async throws -> Recovery? {
        try await shard(of: account).recovery(id, account: account)
    }

    /// Ends a recovery.
    public func cancelRecovery(_ id: RecoveryID, account: AccountID) async throws -> Recovery? {
        try await shard(of: account).cancelRecovery(id, account: account)
    }

    /// Removes an account's events and recoveries.
    public func erase(_ account: AccountID, limit: Int) async throws -> Int {
        try await shard(of: account).erase(account, limit: limit)
    }

    /// An event, without its bytes.
    public func event(_ id: EventID, account: AccountID) async throws -> StoredEvent? {
        try await shard(of: account).event(id, account: account)
    }

    /// An account's deliveries, newest first.
    public func deliveries(_ query: DeliveryQuery) async throws -> [DeliveryHistory] {
        try await shard(of: query.account).deliveries(query)
    }

    /// Says how a webhook has been doing.
    public func statistics(
        of webhook: WebhookID, account: AccountID, over window: StatisticsWindow
    ) async throws -> DeliveryStatistics {
        try await shard(of: account).statistics(of: webhook, account: account, over: window)
    }
}

extension ShardedStore: SignallingStore {
    /// Listens to all shards that can tell of other processes' work.
    public func listen(_ wake: @escaping @Sendable () -> Void) async {
        await withDiscardingTaskGroup { group in
            for case let shard as any SignallingStore in shards { group.addTask { await shard.listen(wake) } }
        }
    }
}
