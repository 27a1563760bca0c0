internal import Synchronization
public import WebhookDelivery
public import WebhookEvents
public import WebhookLimits
internal import WebhookPayload
public import WebhookSigning
internal import WebhookStoreKit

/// A store that keeps everything in memory, for tests and as the shortest correct example of a store.
///
/// Every operation is one function that holds one lock: it reads the state, leaves the decisions to ``Delivery``,
/// ``Webhook`` and ``FairScheduler``, and stores the results.
public final class InMemoryStore: WebhookStore {
    let clock: any WebhookClock
    let state = Mutex(State())

    /// Creates an empty store.
    ///
    /// - Parameter clock: The clock that the store reads.
    public init(clock: any WebhookClock) {
        self.clock = clock
    }

    struct EventKey: Hashable {
        let account: AccountID
        let event: EventID
    }

    /// An event, whose body is shared by all its deliveries.
    final class KeptEvent {
        let body: [UInt8]
        let type: EventType
        let publishedAt: Timestamp
        let trace: EventPublication.TraceContext?
        var entries: [PublishReceipt.Entry] = []
        /// The event's deliveries, including redeliveries.
        var deliveries: [DeliveryID] = []

        init(_ publication: EventPublication, now: Timestamp) {
            body = publication.envelope.bytes
            type = publication.envelope.type
            trace = publication.trace
            publishedAt = now
        }
    }

    /// A reference to a delivery, so that changes need one lookup and no copies.
    final class StoredDelivery {
        let event: KeptEvent
        var delivery: Delivery
        var attempts: [Attempt] = []

        init(_ delivery: Delivery, of event: KeptEvent) {
            self.event = event
            self.delivery = delivery
        }
    }

    /// A reference to a webhook.
    final class StoredWebhook {
        var registered: RegisteredWebhook

        init(_ registered: RegisteredWebhook) { self.registered = registered }

        var webhook: Webhook {
            get { registered.webhook }
            _modify { yield &registered.webhook }
        }
    }

    struct State {
        var webhooks: [WebhookID: StoredWebhook] = [:]
        var webhooksByAccount: [AccountID: [WebhookID]] = [:]
        var days: [AccountID: ServiceLimits.AccountDay] = [:]
        var events: [EventKey: KeptEvent] = [:]
        var deliveries: [DeliveryID: StoredDelivery] = [:]
        /// The events in the order of publication.
        var eventOrder: [EventKey] = []
        var replays: [ReplayID: Replay] = [:]
        var scheduler = FairScheduler()
        var lastSequence: Int64 = 0
    }

    // MARK: - Webhooks

    /// Adds a webhook, unless its account has reached the limit.
    public func create(_ registered: RegisteredWebhook, limits: ServiceLimits) async throws {
        let (now, account) = (clock.now, registered.webhook.accountID)
        try state.withLock { state in
            guard state.webhooks[registered.id] == nil else { return }
            try limits.checkWebhooks(existing: state.countingWebhooks(of: account, now: now, limits: limits))
            let stored = StoredWebhook(registered)
            stored.webhook.quota = try state.days[account, default: ServiceLimits.AccountDay()].register(
                now: now, limits: limits)
            state.webhooksByAccount[account, default: []].append(registered.id)
            state.webhooks[registered.id] = stored
        }
    }

    /// Returns a webhook with its secrets.
    public func webhook(_ id: WebhookID, account: AccountID) async throws -> RegisteredWebhook? {
        state.withLock { state in
            guard let kept = state.webhooks[id], kept.webhook.accountID == account else { return nil }
            return kept.registered
        }
    }

    /// Returns an account's webhooks, oldest first.
    public func webhooks(of account: AccountID) async throws -> [Webhook] {
        state.withLock { state in
            state.webhooksByAccount[account, default: []].compactMap { state.webhooks[$0]?.webhook }
        }
    }

    /// Changes a webhook's settings.
    public func update(
        _ id: WebhookID, _ update: Webhook.Update, account: AccountID, limits: ServiceLimits
    ) async throws -> Webhook? {
        let now = clock.now
        return try state.withLock { state in
            try state.change(id, of: account, limits: limits, now: now) { $0.apply(update, now: now) }
        }
    }

    /// Disables a webhook.
    public func disable(_ id: WebhookID, account: AccountID) async throws -> Webhook? {
        let now = clock.now
        return state.withLock { state in state.change(id, of: account) { $0.disable(now: now) } }
    }

    /// Enables a webhook, and applies the backlog policy to its open deliveries.
    public func enable(
        _ id: WebhookID, account: AccountID, backlog: Webhook.BacklogPolicy, limits: ServiceLimits
    ) async throws -> Webhook? {
        let now = clock.now
        return try state.withLock { state in
            let webhook = try state.change(id, of: account, limits: limits, now: now) { $0.enable(now: now) }
            if webhook != nil { state.apply(backlog, to: id, now: now) }
            return webhook
        }
    }

    /// Discards the waiting deliveries of a webhook.
    public func discardBacklog(of id: WebhookID, account: AccountID) async throws -> Webhook? {
        let now = clock.now
        return state.withLock { state in
            guard let webhook = state.webhooks[id]?.webhook, webhook.accountID == account else { return nil }
            state.apply(.discard, to: id, now: now)
            return webhook
        }
    }

    /// Returns retired webhooks.
    public func retiredWebhooks(before: Timestamp, limit: Int) async throws -> [Webhook.Key] {
        state.withLock { state in
            state.webhooks.values.map(\.webhook).filter { $0.retiresAt.map { $0 <= before } ?? false }
                .prefix(max(0, limit)).map { Webhook.Key(accountID: $0.accountID, webhookID: $0.id) }
        }
    }

    /// Changes a webhook's secrets.
    public func changeSecrets(
        of id: WebhookID, _ change: SecretRotation.Change, account: AccountID
    ) async throws -> SecretRotation? {
        let now = clock.now
        return try state.withLock { state in
            guard state.webhooks[id]?.webhook.accountID == account else { return nil }
            try state.webhooks[id]?.registered.secrets.apply(change, now: now)
            state.webhooks[id]?.webhook.version += 1
            state.webhooks[id]?.webhook.updatedAt = now
            return state.webhooks[id]?.registered.secrets
        }
    }

    /// Deletes a webhook and cancels its open deliveries.
    public func delete(_ id: WebhookID, account: AccountID) async throws -> Bool {
        let now = clock.now
        return state.withLock { state in
            guard let webhook = state.webhooks[id]?.webhook, webhook.accountID == account else { return false }
            state.days[account, default: ServiceLimits.AccountDay()].depart(webhook.quota, now: now)
            state.webhooks[id] = nil
            state.webhooksByAccount[account]?.removeAll { $0 == id }
            for delivery in state.scheduler.remove(id) {
                state.deliveries[delivery]?.delivery.cancel(.webhookDeleted, now: now)
            }
            return true
        }
    }

    // MARK: - Events

    /// Stores an event and its deliveries.
    public func publish(_ publication: EventPublication) async throws -> PublishReceipt {
        let now = clock.now
        return try state.withLock { state in
            let envelope = publication.envelope
            let key = EventKey(account: publication.accountID, event: envelope.id)
            if let stored = state.events[key] {
                guard stored.body == envelope.bytes else { throw DeliveryError.eventConflict }
                return PublishReceipt(eventID: envelope.id, isDuplicate: true, entries: stored.entries)
            }
            let event = state.keep(publication, now: now)
            event.entries = state.webhooksByAccount[publication.accountID, default: []].map { id in
                state.fanOut(publication, of: event, to: id, now: now)
            }
            return PublishReceipt(eventID: envelope.id, isDuplicate: false, entries: event.entries)
        }
    }
}

extension InMemoryStore.State {
    /// Changes a webhook of an account, and reschedules it.
    mutating func change(_ id: WebhookID, of account: AccountID, _ body: (inout Webhook) throws -> Void) rethrows
        -> Webhook?
    {
        guard var webhook = webhooks[id]?.webhook, webhook.accountID == account else { return nil }
        try body(&webhook)
        webhooks[id]?.webhook = webhook
        scheduler.look(at: id)
        return webhook
    }

    /// Changes a webhook, unless it would count towards its account's limit again and the limit is reached.
    mutating func change(
        _ id: WebhookID, of account: AccountID, limits: ServiceLimits, now: Timestamp, _ body: (inout Webhook) -> Void
    ) throws -> Webhook? {
        let counting = countingWebhooks(of: account, now: now, limits: limits)
        return try change(id, of: account) { webhook in
            let old = webhook
            body(&webhook)
            if webhook.countsAgain(after: old, now: now, limits: limits) {
                try limits.checkWebhooks(existing: counting)
            }
        }
    }

    /// Returns how many webhooks count towards the limit of an account.
    func countingWebhooks(of account: AccountID, now: Timestamp, limits: ServiceLimits) -> Int {
        webhooksByAccount[account, default: []].count { id in
            webhooks[id]?.webhook.counts(now: now, limits: limits) ?? false
        }
    }

    /// Applies a backlog policy to the waiting deliveries of a webhook.
    mutating func apply(_ backlog: Webhook.BacklogPolicy, to id: WebhookID, now: Timestamp) {
        guard backlog != .immediately else { return }
        var open = openDeliveries(of: id)
        backlog.apply(to: &open, now: now)
        for delivery in open { deliveries[delivery.id]?.delivery = delivery }
        scheduler.rebuild(id, with: open.filter { !$0.state.status.isFinal })
    }

    /// Stores and schedules a new delivery.
    mutating func add(_ delivery: Delivery, of event: InMemoryStore.KeptEvent) {
        deliveries[delivery.id] = InMemoryStore.StoredDelivery(delivery, of: event)
        event.deliveries.append(delivery.id)
        scheduler.add(delivery)
    }

    /// Stores a new event without deliveries.
    mutating func keep(_ publication: EventPublication, now: Timestamp) -> InMemoryStore.KeptEvent {
        let key = InMemoryStore.EventKey(account: publication.accountID, event: publication.envelope.id)
        let event = InMemoryStore.KeptEvent(publication, now: now)
        events[key] = event
        eventOrder.append(key)
        return event
    }

    /// Returns a webhook's open deliveries, oldest first.
    func openDeliveries(of id: WebhookID) -> [Delivery] {
        scheduler.deliveries(of: id).compactMap { deliveries[$0]?.delivery }
            .filter { !$0.state.status.isFinal }.sorted { $0.sequence < $1.sequence }
    }

    fileprivate mutating func fanOut(
        _ publication: EventPublication, of event: InMemoryStore.KeptEvent, to id: WebhookID, now: Timestamp
    ) -> PublishReceipt.Entry {
        guard let webhook = webhooks[id]?.webhook else {
            return PublishReceipt.Entry(webhookID: id, result: .skipped(.disabled))
        }
        let result = publication.fanOut(
            to: webhook, open: scheduler.open(of: id), sequence: lastSequence + 1, now: now)
        if case .delivery(let delivery) = result {
            lastSequence += 1
            add(delivery, of: event)
        }
        return result.entry(for: id)
    }
}
