internal import Synchronization
public import WebhookDelivery
internal import WebhookEvents

extension InMemoryStore {
    /// Leases due deliveries, one account after the other.
    public func claim(_ request: ClaimRequest) async throws -> ClaimReply {
        let now = clock.now
        return state.withLock { state in
            let nextRecovery = state.recoveries.isEmpty ? nil : state.advanceRecoveries(at: now)
            var reply = ClaimReply(deliveries: [], nextDueIn: nil)
            var (retries, bytes) = (0, 0)
            let rules = request.rules
            while reply.deliveries.count < request.count, bytes < request.bytes || bytes == 0 {
                guard let next = state.next(at: now, firstsOnly: retries >= request.retries, rules: rules) else {
                    break
                }
                guard let claimed = state.claim(next, at: now, rules: rules, &reply) else { continue }
                bytes += claimed.body.count
                if claimed.delivery.state.attempts > 0 { retries += 1 }
                reply.deliveries.append(claimed)
            }
            let next = [state.nextChange(at: now, rules: rules), nextRecovery].compactMap(\.self).min()
            reply.nextDueIn = next.map { max(.zero, $0 - now) }
            return reply
        }
    }

    /// Records attempts and moves their deliveries on.
    public func settle(_ settlements: [Settlement], rules: DeliveryRules) async throws -> [Delivery.OnSettle] {
        let now = clock.now
        return state.withLock { state in
            settlements.map { settlement in
                let id = settlement.lease.delivery
                guard let stored = state.deliveries[id], let webhook = state.webhooks[settlement.lease.webhook] else {
                    return .fenced
                }
                let result = stored.delivery.settle(settlement, webhook: &webhook.webhook, at: now, rules: rules)
                guard case .settled = result else { return result }
                stored.attempts.append(settlement.attempt)
                state.scheduler.changed(stored.delivery)
                return result
            }
        }
    }

    /// Gives back deliveries of which nothing was sent.
    public func release(_ leases: [Lease]) async throws {
        let now = clock.now
        state.withLock { state in
            for lease in leases {
                guard let stored = state.deliveries[lease.delivery],
                    stored.delivery.release(token: lease.token, at: now)
                else { continue }
                state.scheduler.changed(stored.delivery)
            }
        }
    }
}

extension InMemoryStore.State {
    fileprivate mutating func next(at now: Timestamp, firstsOnly: Bool, rules: DeliveryRules) -> DeliveryID? {
        let webhooks = webhooks
        return scheduler.next(at: now, firstsOnly: firstsOnly, rules: rules) { id in
            webhooks[id]?.webhook.gate(at: now, rules: rules) ?? .stopped
        }
    }

    fileprivate mutating func nextChange(at now: Timestamp, rules: DeliveryRules) -> Timestamp? {
        let webhooks = webhooks
        return scheduler.nextChange(at: now) { id in webhooks[id]?.webhook.gate(at: now, rules: rules) ?? .stopped }
    }

    /// Leases a delivery that the scheduler has chosen.
    fileprivate mutating func claim(
        _ id: DeliveryID, at now: Timestamp, rules: DeliveryRules, _ reply: inout ClaimReply
    ) -> ClaimedDelivery? {
        guard let stored = deliveries[id], let webhook = webhooks[stored.delivery.webhook] else { return nil }
        let result = stored.delivery.claim(at: now, webhook: &webhook.webhook, rules: rules)
        // An entry that was left behind by a report after the lease's end.
        if result == .unavailable { return nil }
        let delivery = stored.delivery
        scheduler.changed(delivery)
        if result == .rejected { reply.rejected.append(id) }
        guard case .leased(let token, let isLastOfDay) = result else { return nil }
        if isLastOfDay { reply.usedUp.append(delivery.webhook) }
        return ClaimedDelivery(
            lease: Lease(of: delivery, token: token), delivery: delivery,
            webhook: webhook.webhook, secrets: webhook.registered.secrets, body: stored.event.body)
    }
}
