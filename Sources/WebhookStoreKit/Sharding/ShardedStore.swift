internal import Synchronization
public import WebhookDelivery
public import WebhookEvents

/// A store made of several shards: each account is in one of them, and each call except a claim uses a single one.
///
/// A single dispatcher serves all shards and claims an even part from each. A shard that is down delays no other: after
/// a failed call, it is skipped until it responds again, and its reports are retried separately. Accounts take turns
/// within their shard.
public final class ShardedStore: RoutingStore {
    private let shards: [any WebhookStore]
    package let router: AccountRouter
    /// The shard that the next claim starts with.
    private let turn = Mutex(0)
    private let down: ShardHealth

    /// Creates a store.
    ///
    /// - Parameters:
    ///   - shards: The stores, always in the same order.
    ///   - router: Assigns accounts to stores; by default evenly.
    /// - Precondition: There is at least one store, and the router has as many shards.
    public init(_ shards: [any WebhookStore], router: AccountRouter? = nil) {
        self.shards = shards
        self.router = router ?? AccountRouter(shards: shards.count)
        down = ShardHealth(count: shards.count)
        precondition(!shards.isEmpty && self.router.shards == shards.count, "the router needs one shard per store")
    }

    private func shard(of account: AccountID) -> any WebhookStore { shards[router.shard(of: account)] }

    /// Performs a call with the shard of its account.
    ///
    /// - Parameters:
    ///   - account: The account.
    ///   - call: Performs the call with a store.
    /// - Returns: The result of the call.
    /// - Throws: The error of the call.
    public func forward<Value: Sendable>(
        _ account: AccountID?, _ call: @escaping @Sendable (any WebhookStore) async throws -> Value
    ) async throws -> Value {
        // The calls about all accounts are implemented below.
        try await call(account.map(shard) ?? shards[0])
    }

    // MARK: - Claims and reports

    /// Leases due deliveries: an even part from each shard, and the rest from shards that have more.
    ///
    /// - Throws: The error of a shard, if no shard responds.
    public func claim(_ request: ClaimRequest) async throws -> ClaimReply {
        let first = turn.withLock { turn in
            turn = (turn + 1) % shards.count
            return turn
        }
        var order = shards.indices.map { (first + $0) % shards.count }.filter { !down.skips($0) }
        var reply = ClaimReply(deliveries: [], nextDueIn: nil)
        var allowance = ClaimRequest.Allowance(request)
        var waits: [Int: Duration] = [:]
        var failure: (any Error)?
        for isEven in [true, false] {
            for shard in order {
                var part = allowance.rest(of: request)
                if isEven { part.count = min(part.count, (request.count + shards.count - 1) / shards.count) }
                if allowance.isExhausted { break }
                do {
                    let found = try await shards[shard].claim(part)
                    down.remove(shard, hasWritten: !found.deliveries.isEmpty)
                    reply.deliveries += found.deliveries
                    for claimed in found.deliveries { allowance.take(claimed.size) }
                    reply.rejected += found.rejected
                    reply.quotaExhausted += found.quotaExhausted
                    waits[shard] = found.nextDueIn
                    if found.deliveries.count < part.count { order.removeAll { $0 == shard } }
                } catch {
                    failure = error
                    down.add(shard)
                    order.removeAll { $0 == shard }
                }
            }
        }
        if let failure, waits.isEmpty, reply.deliveries.isEmpty { throw failure }
        reply.nextDueIn = reply.deliveries.count < request.count ? waits.values.min() : .zero
        return reply
    }

    /// Settles attempts in the shards of their accounts; for a shard that is down, the result is
    /// ``Delivery/SettleResult/busy``.
    ///
    /// - Throws: The error of a shard, if all are down or the call may wait. The other shards have stored their
    ///   reports, and may be given them again.
    public func settle(
        _ settlements: [Settlement], rules: DeliveryRules, mayWait: Bool
    ) async throws -> [Delivery.SettleResult] {
        var results = [Delivery.SettleResult](repeating: .busy, count: settlements.count)
        let places = Dictionary(grouping: settlements.indices) { router.shard(of: settlements[$0].lease.accountID) }
        try await report(to: Set(places.keys), mayWait: mayWait) { shard in
            let places = places[shard] ?? []
            let settled = try await self.shards[shard].settle(
                places.map { settlements[$0] }, rules: rules, mayWait: mayWait)
            return zip(places, settled).map { (place: $0, result: $1) }
        }.forEach { results[$0.place] = $0.result }
        return results
    }

    /// Releases deliveries in the shards of their accounts; those of shards that are down are returned.
    ///
    /// - Throws: The errors of ``settle(_:rules:mayWait:)``.
    public func release(_ releases: [Release], mayWait: Bool) async throws -> [Release] {
        let places = Dictionary(grouping: releases.indices) { router.shard(of: releases[$0].lease.accountID) }
        var left = Set(releases.indices)
        try await report(to: Set(places.keys), mayWait: mayWait) { shard in
            let places = places[shard] ?? []
            let busy = Set(try await self.shards[shard].release(places.map { releases[$0] }, mayWait: mayWait))
            return places.filter { !busy.contains(releases[$0]) }
        }.forEach { left.remove($0) }
        return left.sorted().map { releases[$0] }
    }

    /// Calls several shards concurrently.
    ///
    /// - Returns: The results of the shards that respond.
    private func report<Value: Sendable>(
        to shards: Set<Int>, mayWait: Bool, _ call: @escaping @Sendable (Int) async throws -> [Value]
    ) async throws -> [Value] {
        // A call that may wait runs separately from others, so it also tries shards that are down.
        let asked = mayWait ? shards : shards.filter { !down.skipsReports(to: $0) }
        let answers = await withTaskGroup(of: (shard: Int, answer: Result<[Value], any Error>).self) { group in
            for shard in asked {
                group.addTask {
                    do { return (shard, .success(try await call(shard))) } catch { return (shard, .failure(error)) }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        var values: [Value] = []
        var failure: (any Error)?
        for (shard, answer) in answers {
            switch answer {
            case .success(let value):
                values += value
                if !value.isEmpty { down.remove(shard, hasWritten: true) }
            case .failure(let error):
                failure = error
                down.add(unwritable: shard)
            }
        }
        if let failure, mayWait || down.containsAll { throw failure }
        return values
    }

    /// Listens to all shards until the task is cancelled.
    public func listen(_ wake: @escaping @Sendable () -> Void) async {
        await withDiscardingTaskGroup { group in
            for shard in shards { group.addTask { await shard.listen(wake) } }
        }
    }

    /// Removes old events, one shard after the other.
    ///
    /// - Throws: The error of a shard, after the other shards were tried.
    public func prune(before: Timestamp, limit: Int) async throws -> Int {
        try await remove(upTo: limit) { try await $0.prune(before: before, limit: $1) }
    }

    /// Returns retired webhooks of all shards.
    ///
    /// - Throws: The error of a shard.
    public func retiredWebhooks(before: Timestamp, limit: Int) async throws -> [Webhook.Key] {
        var found: [Webhook.Key] = []
        for shard in shards where found.count < limit {
            found += try await shard.retiredWebhooks(before: before, limit: limit - found.count)
        }
        return found
    }

    /// Removes old bodies of responses, one shard after the other.
    ///
    /// - Throws: The error of a shard, after the other shards were tried.
    public func removeResponseBodies(before: Timestamp, limit: Int) async throws -> Int {
        try await remove(upTo: limit) { try await $0.removeResponseBodies(before: before, limit: $1) }
    }

    private func remove(
        upTo limit: Int, _ step: (any WebhookStore, Int) async throws -> Int
    ) async throws -> Int {
        var removed = 0
        var failure: (any Error)?
        for shard in shards where removed < limit {
            do { removed += try await step(shard, limit - removed) } catch { failure = error }
        }
        if let failure { throw failure }
        return removed
    }

    /// Counts the deliveries of one account or of all shards.
    public func deliveryCounts(of account: AccountID?) async throws -> DeliveryCounts {
        if let account { return try await shard(of: account).deliveryCounts(of: account) }
        var sum = DeliveryCounts()
        for shard in shards { sum.add(try await shard.deliveryCounts(of: nil)) }
        return sum
    }
}

extension ShardedStore: ShardingStore {
    package func dispatcherBegins() { down.dispatcherBegins() }

    package func dispatcherEnds() { down.dispatcherEnds() }

    package func shardToProbe(at uptime: Duration, rest: Duration) -> Int? { down.next(at: uptime, rest: rest) }

    package func probe(_ shard: Int) async {
        // No account has this identifier, so the call only reads an index.
        let answer = try? await shards[shard].webhooks(of: AccountID(unchecked: "~"))
        down.answered(shard, isWell: answer != nil)
    }
}
