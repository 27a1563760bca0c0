internal import Synchronization
public import WebhookDelivery
public import WebhookEvents
public import WebhookLimits
internal import WebhookStoreKit

extension InMemoryStore {
    /// Returns the number of deliveries that a replay would redeliver.
    public func count(_ filter: Replay.Filter, account: AccountID) async throws -> Int {
        state.withLock { state in state.missing(filter, after: nil).count { $0.delivery.accountID == account } }
    }

    /// Stores a replay.
    public func start(_ replay: Replay, limits: ServiceLimits) async throws {
        let now = clock.now
        try state.withLock { state in
            guard state.replays[replay.id] == nil else { return }
            let running = state.replays.values.count { $0.accountID == replay.accountID && $0.state == .running }
            try limits.checkReplays(running: running, until: now + ServiceLimits.pauseWhenFull)
            let ended = state.replays.values.filter { $0.accountID == replay.accountID && $0.state != .running }
            let forgotten = ended.map(\.id).sorted { $0.rawValue > $1.rawValue }.dropFirst(Replay.kept - 1)
            for id in forgotten { state.replays[id] = nil }
            state.replays[replay.id] = replay
        }
    }

    /// Returns the current state of a replay.
    public func replay(_ id: ReplayID, account: AccountID) async throws -> Replay? {
        state.withLock { state in
            state.replays[id].flatMap { $0.accountID == account ? $0 : nil }
        }
    }

    /// Returns the replays of an account, the latest first.
    public func replays(of account: AccountID, before: ReplayID?, limit: Int) async throws -> [Replay] {
        state.withLock { state in
            let own = state.replays.values.filter { replay in
                replay.accountID == account && before.map { replay.id.rawValue < $0.rawValue } ?? true
            }
            return Array(own.sorted { $1.id.rawValue < $0.id.rawValue }.prefix(max(0, limit)))
        }
    }

    /// Cancels a replay.
    public func cancelReplay(_ id: ReplayID, account: AccountID) async throws -> Replay? {
        state.withLock { state in
            guard state.replays[id]?.accountID == account else { return nil }
            state.replays[id]?.cancel()
            return state.replays[id]
        }
    }

    /// Removes old events.
    public func prune(before: Timestamp, limit: Int) async throws -> Int {
        state.withLock { state in
            state.remove(limit) { event, deliveries in
                event.publishedAt < before
                    && deliveries.allSatisfy { $0.state.status.isFinal && $0.state.dueAt < before }
            }
        }
    }

    /// Removes old bodies of responses.
    public func removeResponseBodies(before: Timestamp, limit: Int) async throws -> Int {
        state.withLock { state in
            var removed = 0
            for stored in state.deliveries.values {
                for (index, attempt) in stored.attempts.enumerated() where removed < limit && attempt.startedAt < before
                {
                    guard let body = attempt.exchange?.response?.body, !body.isEmpty else { continue }
                    stored.attempts[index] = attempt.withResponseBody(nil)
                    removed += 1
                }
            }
            return removed
        }
    }

    /// Removes an account's events and replays.
    public func erase(_ account: AccountID, limit: Int) async throws -> Int {
        state.withLock { state in
            state.replays = state.replays.filter { $0.value.accountID != account }
            return state.remove(limit, of: account) { _, _ in true }
        }
    }
}

extension InMemoryStore.State {
    /// Returns the deliveries that a replay redelivers, ordered by identifier.
    func missing(_ filter: Replay.Filter, after cursor: DeliveryID?) -> [InMemoryStore.StoredDelivery] {
        let matching = deliveries.values.filter { stored in
            cursor.map { $0 < stored.delivery.id } ?? true && filter.matches(stored.delivery) && !hasArrived(stored)
        }
        return matching.sorted { $0.delivery.id < $1.delivery.id }
    }

    /// Returns whether another delivery of the same event to the same webhook has succeeded or is open.
    private func hasArrived(_ stored: InMemoryStore.StoredDelivery) -> Bool {
        let delivery = stored.delivery
        return stored.event.deliveries.contains { id in
            guard let other = deliveries[id]?.delivery, other.webhookID == delivery.webhookID, other.id != delivery.id
            else { return false }
            // Of two failed deliveries, the later one is redelivered.
            let isLater = other.sequence > delivery.sequence
            return other.state.status == .succeeded || !other.state.status.isFinal || isLater
        }
    }

    /// Creates the next deliveries of every replay that is due.
    ///
    /// - Returns: When the next replay is due.
    mutating func advanceReplays(now: Timestamp) -> Timestamp? {
        for id in replays.keys.sorted() {
            guard var replay = replays[id], replay.allowance(now: now) > 0 else { continue }
            guard webhooks[replay.filter.webhookID] != nil else {
                replays[id]?.cancel()
                continue
            }
            if replay.pauseIfFull(open: scheduler.open(of: replay.filter.webhookID), now: now) {
                replays[id] = replay
                continue
            }
            let missing = missing(replay.filter, after: replay.cursor).map(\.delivery)
            for old in replay.recordPage(missing, upTo: missing.last?.id, isLast: true, now: now) {
                guard let old = deliveries[old.id] else { continue }
                _ = redeliver(old, as: replay.redeliveryID(of: old.delivery.id, now: now), .replay, now: now)
            }
            replays[id] = replay
        }
        return replays.values.filter { $0.state == .running }.map(\.nextAt).min()
    }

    /// Removes events with their deliveries, oldest first.
    fileprivate mutating func remove(
        _ limit: Int, of account: AccountID? = nil,
        where isRemoved: (InMemoryStore.KeptEvent, [Delivery]) -> Bool
    ) -> Int {
        var removed: Set<InMemoryStore.EventKey> = []
        for key in eventOrder where removed.count < limit && (account == nil || key.account == account) {
            guard let event = events[key], isRemoved(event, event.deliveries.compactMap { deliveries[$0]?.delivery })
            else { continue }
            for id in event.deliveries { deliveries[id] = nil }
            events[key] = nil
            removed.insert(key)
        }
        eventOrder.removeAll { removed.contains($0) }
        return removed.count
    }
}
