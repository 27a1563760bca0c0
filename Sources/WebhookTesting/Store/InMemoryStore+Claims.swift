internal import Synchronization
public import WebhookDelivery
internal import WebhookEvents
internal import WebhookStoreKit

extension InMemoryStore {
    /// Leases due deliveries, alternating between accounts.
    public func claim(_ request: ClaimRequest) async throws -> ClaimReply {
        let now = clock.now
        return state.withLock { state in
            let nextReplay = state.replays.isEmpty ? nil : state.advanceReplays(now: now)
            var reply = ClaimReply(deliveries: [], nextDueIn: nil)
            var allowance = ClaimRequest.Allowance(request)
            let rules = request.rules
            while !allowance.isExhausted, let next = state.next(now: now, allowance, rules) {
                guard let claimed = state.claim(next, now: now, rules: rules, &reply) else { continue }
                allowance.take(claimed.size)
                reply.deliveries.append(claimed)
            }
            let next = [state.nextChange(now: now, rules: rules), nextReplay].compactMap(\.self).min()
            reply.nextDueIn = next.map { max(.zero, $0 - now) }
            return reply
        }
    }

    /// Stores attempts and the next state of their deliveries.
    public func settle(
        _ settlements: [Settlement], rules: DeliveryRules, mayWait: Bool
    ) async throws -> [Delivery.SettleResult] {
        let now = clock.now
        return state.withLock { state in
            settlements.map { settlement in
                let id = settlement.lease.deliveryID
                guard let stored = state.deliveries[id], let webhook = state.webhooks[settlement.lease.webhookID] else {
                    return .fenced
                }
                let result = stored.delivery.settle(settlement, webhook: &webhook.webhook, now: now, rules: rules)
                guard case .settled = result else { return result }
                stored.attempts.append(settlement.attempt)
                state.scheduler.changed(stored.delivery)
                return result
            }
        }
    }

    /// Releases deliveries without an attempt.
    public func release(_ releases: [Release], mayWait: Bool) async throws -> [Release] {
        let now = clock.now
        return state.withLock { state in
            for release in releases {
                guard let stored = state.deliveries[release.lease.deliveryID],
                    stored.delivery.release(release, now: now)
                else { continue }
                state.scheduler.changed(stored.delivery)
            }
            return []
        }
    }
}

extension InMemoryStore.State {
    fileprivate mutating func next(
        now: Timestamp, _ allowance: ClaimRequest.Allowance, _ rules: DeliveryRules
    ) -> DeliveryID? {
        let webhooks = webhooks
        return scheduler.next(
            now: now, allowance: allowance, rules: rules,
            standing: { webhooks[$0]?.webhook.standing(now: now, rules: rules) ?? .gone })
    }

    fileprivate mutating func nextChange(now: Timestamp, rules: DeliveryRules) -> Timestamp? {
        let webhooks = webhooks
        return scheduler.nextChange(now: now) { webhooks[$0]?.webhook.standing(now: now, rules: rules) ?? .gone }
    }

    /// Leases the delivery that the scheduler selected.
    fileprivate mutating func claim(
        _ id: DeliveryID, now: Timestamp, rules: DeliveryRules, _ reply: inout ClaimReply
    ) -> ClaimedDelivery? {
        guard let stored = deliveries[id], let webhook = webhooks[stored.delivery.webhookID] else { return nil }
        let pace = webhook.webhook.pace.classification(now: now)
        let result = stored.delivery.claim(now: now, webhook: &webhook.webhook, rules: rules)
        // A report after the end of the lease left this entry behind.
        if result == .unavailable { return nil }
        let delivery = stored.delivery
        scheduler.changed(delivery)
        if result == .rejected { reply.rejected.append(id) }
        guard case .leased(let token, let exhaustsQuota) = result else { return nil }
        if exhaustsQuota { reply.quotaExhausted.append(delivery.webhookID) }
        let claimed = ClaimedDelivery(
            lease: Lease(of: delivery, token: token), delivery: delivery,
            webhook: webhook.webhook, pace: pace, secrets: webhook.registered.secrets, body: stored.event.body,
            trace: stored.event.trace)
        return claimed
    }
}
