public import WebhookEvents
public import WebhookLimits
public import WebhookPayload
internal import WebhookRetries
public import WebhookSigning

/// The sender's side in one value: register webhooks, publish events, deliver them.
///
/// Everything with a side effect is handed in. The service itself can be copied freely; all copies share one dispatcher.
public struct WebhookService: Sendable {
    let store: any WebhookStore
    private let clock: any WebhookClock
    let random: any RandomSource
    private let limits: WebhookLimits
    private let policy: EndpointPolicy
    private let observer: (any DeliveryObserver)?
    private let dispatcher: Dispatcher

    /// Creates a service; nothing is delivered before ``run()``.
    ///
    /// - Parameters:
    ///   - store: Where webhooks, events and deliveries are kept.
    ///   - transport: What sends requests; its policy judges URLs at registration, too.
    ///   - clock: The time.
    ///   - random: Where identifiers, secrets and jitter come from; must be secure outside tests.
    ///   - limits: The limits of the product page, unless said otherwise.
    ///   - signingKeys: The sender's own `whsk_` keys; every request then carries a `v1a` signature of each as well, which
    ///     consumers verify with the public half.
    ///   - configuration: How much the dispatcher does at once.
    ///   - observer: Who is told of everything.
    public init(
        store: any WebhookStore, transport: any WebhookTransport, clock: any WebhookClock, random: any RandomSource,
        limits: WebhookLimits = .documented, signingKeys: [WebhookSecret] = [],
        configuration: DispatcherConfiguration = DispatcherConfiguration(), observer: (any DeliveryObserver)? = nil
    ) {
        self.store = store
        self.clock = clock
        self.random = random
        self.limits = limits
        self.policy = transport.policy
        self.observer = observer
        self.dispatcher = Dispatcher(
            store: store, transport: transport, clock: clock, random: random, limits: limits,
            signingKeys: signingKeys, configuration: configuration, observer: observer)
    }

    /// Delivers until ``stop()``; run it in the host's task group.
    ///
    /// - Throws: `CancellationError` when the task is cancelled, ``DeliveryError`` when it runs already.
    public func run() async throws { try await dispatcher.run() }

    /// Takes no more work; ``run()`` returns when what is in flight has ended and is reported.
    public func stop() { dispatcher.stop() }

    /// Looks for work now: call it after committing a publication inside the host's own transaction.
    public func wake() { dispatcher.wake() }
}

// MARK: - Webhooks

extension WebhookService {
    /// Registers a webhook.
    ///
    /// - Parameters:
    ///   - registration: What is asked for.
    ///   - account: The account that it belongs to.
    /// - Returns: The webhook and its secret; show the secret to its owner now, it is not given out again.
    /// - Throws: `EndpointError` for a URL that is not allowed; `SigningError` for a secret that is too short or not
    ///   shared; `LimitError` for a timeout out of range or one webhook too many; ``DeliveryError`` with code
    ///   ``DeliveryError/Code/noEvents``; what the store throws.
    @discardableResult
    public func register(_ registration: WebhookRegistration, account: AccountID) async throws -> RegisteredWebhook {
        _ = try EndpointURL(registration.url, policy: policy)
        guard !registration.events.isEmpty else {
            throw DeliveryError(
                .noEvents, "The webhook subscribes to no event", hint: "Name event types, or `*` for all.")
        }
        let timeout = try limits.timeout(asked: registration.timeout)
        let now = clock.now
        let webhook = Webhook(
            id: WebhookID(prefix: "wh_", at: now, entropy: entropy()), account: account, url: registration.url,
            events: registration.events, state: registration.isEnabled ? .active : .disabled,
            format: registration.format, headers: registration.headers, timeout: timeout,
            retryPolicy: registration.retryPolicy, createdAt: now)
        var generator = RandomSourceGenerator(random)
        let registered = try RegisteredWebhook(
            webhook: webhook,
            secrets: SecretRotation(registration.secret.secret ?? .generate(using: &generator)))
        try await store.create(registered, limits: limits)
        return registered
    }

    /// An account's webhooks, oldest first.
    ///
    /// - Parameter account: The account.
    /// - Returns: The webhooks.
    /// - Throws: What the store throws.
    public func webhooks(of account: AccountID) async throws -> [Webhook] { try await store.webhooks(of: account) }

    /// Switches a webhook on or off.
    ///
    /// Waiting deliveries stay, and go on when it is on again.
    ///
    /// - Parameters:
    ///   - id: The webhook.
    ///   - isEnabled: Whether events go out.
    ///   - account: The account it must belong to.
    /// - Returns: The webhook, or `nil` when the account has no such webhook.
    /// - Throws: What the store throws.
    public func setEnabled(_ id: WebhookID, _ isEnabled: Bool, account: AccountID) async throws -> Webhook? {
        let webhook = try await store.setState(of: id, account: account, to: isEnabled ? .active : .disabled)
        dispatcher.wake()
        return webhook
    }

    /// Deletes a webhook and cancels its open deliveries.
    ///
    /// - Parameters:
    ///   - id: The webhook.
    ///   - account: The account it must belong to.
    /// - Returns: Whether the account had such a webhook.
    /// - Throws: What the store throws.
    public func delete(_ id: WebhookID, account: AccountID) async throws -> Bool {
        try await store.delete(id, account: account)
    }
}

// MARK: - Events

extension WebhookService {
    /// Publishes an event: it is kept, and delivered at least once to every webhook of the account that wants it.
    ///
    /// - Parameters:
    ///   - payload: What happened.
    ///   - account: The account it belongs to.
    ///   - triggeredBy: Who caused it; `nil` for automations.
    ///   - id: Names the event; a new one is made without it. To make repeating safe, give it together with `timestamp`:
    ///     the same id must carry the same bytes.
    ///   - timestamp: When it happened; now without it.
    /// - Returns: What became of it, once it is durable.
    /// - Throws: `LimitError` for a body that is too large; ``DeliveryError`` with code
    ///   ``DeliveryError/Code/eventConflict``; what the store throws.
    @discardableResult
    public func publish(
        _ payload: some EventPayload, account: AccountID, triggeredBy: String? = nil, id: EventID? = nil,
        timestamp: Timestamp? = nil
    ) async throws -> PublishReceipt {
        let metadata = EventMetadata(accountID: account, triggeredBy: triggeredBy, orderingKey: payload.orderingKey)
        return try await publish(
            Envelope(payload.event, id: id ?? newEventID(), timestamp: timestamp ?? clock.now, metadata: metadata))
    }

    /// Publishes an event that is an envelope already; its bytes are sent as they are.
    ///
    /// - Parameter envelope: The event. Repeating one with the same bytes changes nothing.
    /// - Returns: What became of it, once it is durable.
    /// - Throws: As the other `publish`.
    @discardableResult
    public func publish(_ envelope: Envelope) async throws -> PublishReceipt {
        let receipt = try await store.publish(publication(of: envelope))
        dispatcher.wake()
        observer?.observe(.published(receipt, type: envelope.type))
        return receipt
    }

    /// Prepares an event for a store that can publish inside the host's own transaction; call ``wake()`` after its commit.
    ///
    /// - Parameter envelope: The event.
    /// - Returns: What the store takes.
    /// - Throws: `LimitError` for a body that is too large.
    public func publication(of envelope: Envelope) throws(LimitError) -> EventPublication {
        try limits.checkBody(bytes: envelope.bytes.count)
        return EventPublication(envelope, publishedAt: clock.now, seed: random.next())
    }

    /// Makes a name for a new event.
    public func newEventID() -> EventID { EventID(prefix: "evt_", at: clock.now, entropy: entropy()) }

    private func entropy() -> UInt128 { UInt128(random.next()) << 64 | UInt128(random.next()) }
}

// MARK: - Looking

extension WebhookService {
    /// An account's deliveries with their attempts, newest first.
    ///
    /// - Parameter query: Which ones.
    /// - Returns: The deliveries.
    /// - Throws: What the store throws.
    public func deliveries(_ query: DeliveryQuery) async throws -> [DeliveryHistory] {
        try await store.deliveries(query)
    }

    /// How much of its limits an account uses.
    ///
    /// - Parameter account: The account.
    /// - Returns: The limits, what is used, what is left, and when that begins anew.
    /// - Throws: What the store throws.
    public func limits(of account: AccountID) async throws -> LimitsSnapshot {
        limits.snapshot(of: try await webhooks(of: account).map { ($0.id, $0.quota) }, at: clock.now)
    }

    /// Counts deliveries by where they stand.
    ///
    /// - Parameter account: The account, or `nil` for all.
    /// - Returns: The counts.
    /// - Throws: What the store throws.
    public func ledger(of account: AccountID? = nil) async throws -> Ledger {
        try await store.ledger(of: account)
    }
}
