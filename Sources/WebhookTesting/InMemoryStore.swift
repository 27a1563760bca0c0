internal import Synchronization
public import WebhookDelivery
public import WebhookEvents
public import WebhookLimits
internal import WebhookPayload
public import WebhookSigning

/// A store that forgets everything when the process ends: for tests, and as the shortest correct example of a store.
public final class InMemoryStore: WebhookStore {
    private let clock: any WebhookClock
    private let state = Mutex(State())

    /// Creates an empty store.
    ///
    /// - Parameter clock: The store's time.
    public init(clock: any WebhookClock) {
        self.clock = clock
    }

    private struct EventKey: Hashable {
        let account: AccountID
        let event: EventID
    }

    private struct StoredEvent {
        let body: [UInt8]
        var entries: [PublishReceipt.Entry]
    }

    private struct StoredDelivery {
        var delivery: Delivery
        var attempts: [Attempt] = []
    }

    private struct State {
        var webhooks: [WebhookID: RegisteredWebhook] = [:]
        var webhooksByAccount: [AccountID: [WebhookID]] = [:]
        var events: [EventKey: StoredEvent] = [:]
        var deliveries: [DeliveryID: StoredDelivery] = [:]
        var queues: [WebhookID: OpenDeliveries] = [:]
    }

    // MARK: - Webhooks

    /// Adds a webhook, unless its account has reached the limit.
    public func create(_ webhook: RegisteredWebhook, limits: WebhookLimits) async throws {
        try state.withLock { state in
            guard state.webhooks[webhook.id] == nil else { return }
            try limits.checkWebhooks(existing: state.webhooksByAccount[webhook.webhook.account, default: []].count)
            state.webhooksByAccount[webhook.webhook.account, default: []].append(webhook.id)
            state.webhooks[webhook.id] = webhook
        }
    }

    /// An account's webhooks, oldest first.
    public func webhooks(of account: AccountID) async throws -> [Webhook] {
        state.withLock { state in
            state.webhooksByAccount[account, default: []].compactMap { state.webhooks[$0]?.webhook }
        }
    }

    /// Puts a webhook into another state.
    public func setState(of id: WebhookID, account: AccountID, to new: Webhook.State) async throws -> Webhook? {
        state.withLock { state in
            guard state.webhooks[id]?.webhook.account == account else { return nil }
            state.webhooks[id]?.webhook.state = new
            return state.webhooks[id]?.webhook
        }
    }

    /// Changes a webhook's secrets.
    public func changeSecrets(
        of id: WebhookID, account: AccountID, _ change: SecretRotation.Step
    ) async throws -> SecretRotation? {
        let now = clock.now
        return try state.withLock { state in
            guard state.webhooks[id]?.webhook.account == account else { return nil }
            try state.webhooks[id]?.secrets.apply(change, now: now)
            return state.webhooks[id]?.secrets
        }
    }

    /// Deletes a webhook and cancels its open deliveries.
    public func delete(_ id: WebhookID, account: AccountID) async throws -> Bool {
        let now = clock.now
        return state.withLock { state in
            guard state.webhooks[id]?.webhook.account == account else { return false }
            state.webhooks[id] = nil
            state.webhooksByAccount[account]?.removeAll { $0 == id }
            for (key, stored) in state.deliveries where stored.delivery.webhook == id {
                state.deliveries[key]?.delivery.state.cancel(at: now)
            }
            state.queues[id] = nil
            return true
        }
    }

    // MARK: - Events

    /// Keeps an event and its deliveries.
    public func publish(_ publication: EventPublication) async throws -> PublishReceipt {
        let now = clock.now
        return try state.withLock { state in
            let envelope = publication.envelope
            let key = EventKey(account: publication.account, event: envelope.id)
            if let stored = state.events[key] {
                guard stored.body == envelope.bytes else { throw DeliveryError.eventConflict }
                let entries = stored.entries.filter { if case .delivery = $0.result { true } else { false } }
                return PublishReceipt(event: envelope.id, isDuplicate: true, entries: entries)
            }
            let entries = state.webhooksByAccount[publication.account, default: []].compactMap { id in
                state.webhooks[id].map { fanOut(publication, to: $0.webhook, at: now, &state) }
            }
            state.events[key] = StoredEvent(body: envelope.bytes, entries: entries)
            return PublishReceipt(event: envelope.id, isDuplicate: false, entries: entries)
        }
    }

    private func fanOut(
        _ publication: EventPublication, to webhook: Webhook, at now: Timestamp, _ state: inout State
    ) -> PublishReceipt.Entry {
        let envelope = publication.envelope
        if let reason = webhook.reasonToSkip(envelope.type) {
            return PublishReceipt.Entry(webhook: webhook.id, result: .skipped(reason))
        }
        let delivery = Delivery(
            id: publication.deliveryID(for: webhook.id), event: envelope.id, eventType: envelope.type,
            webhook: webhook.id, account: publication.account, createdAt: now, state: DeliveryState(at: now))
        state.deliveries[delivery.id] = StoredDelivery(delivery: delivery)
        state.queues[webhook.id, default: OpenDeliveries()].insert(delivery)
        return PublishReceipt.Entry(webhook: webhook.id, result: .delivery(delivery.id))
    }

    // MARK: - Work

    /// Leases due deliveries, one webhook after the other.
    public func claim(_ request: ClaimRequest) async throws -> ClaimReply {
        let now = clock.now
        return state.withLock { state in
            var reply = ClaimReply(deliveries: [], nextDueIn: nil)
            var bytes = 0
            // The webhook that was served longest ago comes first, so that none waits for ever behind the others.
            var turn = state.queues.keys.filter { state.webhooks[$0]?.webhook.state == .active }.sorted { one, other in
                let times = [one, other].map { state.webhooks[$0]?.webhook.lastTriggered?.microseconds ?? .min }
                return (times[0], one) < (times[1], other)
            }
            while !turn.isEmpty {
                turn = turn.filter { webhook in
                    guard reply.deliveries.count < request.count, bytes < request.bytes || bytes == 0,
                        let claimed = claimNext(of: webhook, request, at: now, &state, &reply.rejected)
                    else { return false }
                    bytes += claimed.body.count
                    reply.deliveries.append(claimed)
                    return true
                }
            }
            reply.nextDueIn = nextDue(request, state).map { max(.zero, $0 - now) }
            return reply
        }
    }

    private func claimNext(
        of webhook: WebhookID, _ request: ClaimRequest, at now: Timestamp, _ state: inout State,
        _ rejected: inout [DeliveryID]
    ) -> ClaimedDelivery? {
        while let id = state.queues[webhook]?.takeDue(at: now, leaseLimit: request.perWebhook),
            var stored = state.deliveries[id], var registered = state.webhooks[webhook]
        {
            let result = stored.delivery.state.claim(
                at: now, lease: registered.webhook.timeout + request.leaseMargin, webhook: &registered.webhook,
                dailyLimit: request.dailyLimit)
            state.deliveries[id] = stored
            state.webhooks[webhook] = registered
            state.queues[webhook]?.insert(stored.delivery)
            if result == .rejected { rejected.append(id) }
            let key = EventKey(account: stored.delivery.account, event: stored.delivery.event)
            guard case .leased(let token) = result, let event = state.events[key] else { continue }
            return ClaimedDelivery(
                lease: Lease(delivery: id, webhook: webhook, token: token), delivery: stored.delivery,
                webhook: registered.webhook, secrets: registered.secrets, body: event.body)
        }
        return nil
    }

    private func nextDue(_ request: ClaimRequest, _ state: State) -> Timestamp? {
        state.queues.compactMap { webhook, open in
            state.webhooks[webhook]?.webhook.state == .active ? open.nextDue(leaseLimit: request.perWebhook) : nil
        }.min()
    }

    /// Records attempts and moves their deliveries on.
    public func settle(_ settlements: [Settlement]) async throws -> [DeliveryState.OnSettle] {
        let now = clock.now
        return state.withLock { state in
            settlements.map { settlement in
                let webhook = settlement.lease.webhook
                guard var stored = state.deliveries[settlement.lease.delivery],
                    var registered = state.webhooks[webhook]
                else { return .fenced }
                let result = stored.delivery.state.settle(settlement, webhook: &registered.webhook, at: now)
                guard result != .fenced else { return result }
                stored.attempts.append(settlement.attempt)
                state.deliveries[stored.delivery.id] = stored
                state.webhooks[webhook] = registered
                state.queues[webhook]?.leaseEnded(stored.delivery)
                return result
            }
        }
    }

    /// Gives back deliveries of which nothing was sent.
    public func release(_ leases: [Lease]) async throws {
        let now = clock.now
        state.withLock { state in
            for lease in leases {
                guard var stored = state.deliveries[lease.delivery],
                    stored.delivery.state.release(token: lease.token, at: now)
                else { continue }
                state.deliveries[lease.delivery] = stored
                state.queues[lease.webhook]?.leaseEnded(stored.delivery)
            }
        }
    }

    // MARK: - Looking

    /// An account's deliveries, newest first.
    public func deliveries(_ query: DeliveryQuery) async throws -> [DeliveryHistory] {
        state.withLock { state in
            let matching = state.deliveries.values.filter { stored in
                let delivery = stored.delivery
                return delivery.account == query.account
                    && query.webhook.map { delivery.webhook == $0 } ?? true
                    && query.event.map { delivery.event == $0 } ?? true
                    && query.status.map { delivery.state.status == $0 } ?? true
                    && query.before.map { delivery.id < $0 } ?? true
            }
            return matching.sorted { $0.delivery.id > $1.delivery.id }.prefix(max(0, query.limit))
                .map { DeliveryHistory(delivery: $0.delivery, attempts: $0.attempts) }
        }
    }

    /// Counts deliveries by where they stand.
    public func ledger(of account: AccountID?) async throws -> Ledger {
        state.withLock { state in
            var ledger = Ledger()
            // What was accepted is counted from the receipts, not from the deliveries: the two must come to the same.
            for (key, event) in state.events where account == nil || key.account == account {
                ledger.accepted += event.entries.count { if case .delivery = $0.result { true } else { false } }
            }
            for stored in state.deliveries.values where account == nil || stored.delivery.account == account {
                ledger.add(1, stored.delivery.state.status)
            }
            return ledger
        }
    }
}
