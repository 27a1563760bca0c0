internal import Synchronization
public import WebhookDelivery
public import WebhookEvents
public import WebhookLimits
internal import WebhookPayload
internal import WebhookStoreKit

extension InMemoryStore {
    /// Stores a test event with its delivery, which is leased immediately.
    public func lease(
        test publication: EventPublication, to webhook: WebhookID, rules: DeliveryRules
    ) async throws -> Delivery.TestLeaseResult {
        let now = clock.now
        return state.withLock { state in
            guard let stored = state.webhooks[webhook], stored.webhook.accountID == publication.accountID else {
                return .unknown
            }
            state.scheduler.advance(to: now)
            let wait = stored.webhook.earliestTestTime(
                leased: state.scheduler.leased(of: webhook),
                leasedOfAccount: state.scheduler.leased(ofAccount: publication.accountID), now: now, rules: rules)
            if let wait { return .busy(until: wait) }
            let pace = stored.webhook.pace.classification(now: now)
            var delivery = publication.testDelivery(
                to: stored.webhook, sequence: state.lastSequence + 1, now: now)
            guard case .leased(let token, _) = delivery.lease(now: now, webhook: &stored.webhook, rules: rules)
            else { return .quotaExhausted(until: delivery.state.dueAt) }
            state.lastSequence += 1
            let event = state.keep(publication, now: now)
            event.entries = [PublishReceipt.Entry(webhookID: webhook, result: .delivery(delivery.id))]
            state.add(delivery, of: event)
            return .leased(
                ClaimedDelivery(
                    lease: Lease(of: delivery, token: token), delivery: delivery,
                    webhook: stored.webhook, pace: pace, secrets: stored.registered.secrets, body: event.body,
                    trace: event.trace))
        }
    }

    /// Creates a redelivery of a finished delivery.
    public func redeliver(
        _ id: DeliveryID, account: AccountID, as new: DeliveryID, limits: ServiceLimits
    ) async throws -> Delivery.RedeliveryResult {
        let now = clock.now
        return try state.withLock { state in
            if let made = state.deliveries[new]?.delivery { return .made(made) }
            guard let old = state.deliveries[id], old.delivery.accountID == account, old.delivery.trigger != .test,
                state.webhooks[old.delivery.webhookID] != nil
            else { return .unknown }
            guard old.delivery.state.status.isFinal else { return .open(old.delivery) }
            try limits.checkBacklog(
                open: state.scheduler.open(of: old.delivery.webhookID), until: now + ServiceLimits.pauseWhenFull)
            return .made(state.redeliver(old, as: new, .manual, now: now))
        }
    }
}

extension InMemoryStore.State {
    mutating func redeliver(
        _ old: InMemoryStore.StoredDelivery, as id: DeliveryID, _ trigger: Delivery.Trigger, now: Timestamp
    ) -> Delivery {
        lastSequence += 1
        let delivery = old.delivery.redelivery(as: id, trigger, sequence: lastSequence, now: now)
        add(delivery, of: old.event)
        return delivery
    }
}
