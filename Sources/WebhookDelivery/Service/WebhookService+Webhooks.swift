public import WebhookEvents
internal import WebhookLimits
internal import WebhookSigning

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
        _ = try EndpointURL(registering: registration.url, policy: policy)
        try checkEvents(registration.events)
        try checkRate(registration.requestsPerSecond)
        let timeout = try limits.timeout(asked: registration.timeout)
        let now = clock.now
        let webhook = Webhook(
            id: WebhookID(prefix: "wh_", at: now, entropy: entropy()), account: account, url: registration.url,
            events: registration.events, state: registration.isEnabled ? .active : .disabled,
            format: registration.format, headers: registration.headers, timeout: timeout,
            retryPolicy: registration.retryPolicy, ordering: registration.ordering,
            requestsPerSecond: registration.requestsPerSecond, createdAt: now)
        var generator = RandomSourceGenerator(random)
        let registered = try RegisteredWebhook(
            webhook: webhook,
            secrets: SecretRotation(registration.secret.secret ?? .generate(using: &generator)))
        try await store.create(registered, limits: limits)
        return registered
    }

    /// An account's webhooks, oldest first, without those that cannot be read.
    ///
    /// - Parameter account: The account.
    /// - Returns: The webhooks.
    /// - Throws: What the store throws.
    public func webhooks(of account: AccountID) async throws -> [Webhook] { try await store.webhooks(of: account) }

    /// An account's webhooks that cannot be read: damaged, written by a later version, or sealed under a key that is gone.
    ///
    /// Nothing is delivered to them. They can be deleted, and ``erase(_:)`` removes them.
    ///
    /// - Parameter account: The account.
    /// - Returns: Their names.
    /// - Throws: What the store throws.
    public func unreadableWebhooks(of account: AccountID) async throws -> [WebhookID] {
        try await store.unreadableWebhooks(of: account)
    }

    /// A webhook as it is now.
    ///
    /// - Parameters:
    ///   - id: The webhook.
    ///   - account: The account it must belong to.
    /// - Returns: The webhook, or `nil` when the account has no such webhook.
    /// - Throws: What the store throws.
    public func webhook(_ id: WebhookID, account: AccountID) async throws -> Webhook? {
        try await store.webhook(id, account: account)?.webhook
    }

    /// Changes a webhook's settings.
    ///
    /// - Parameters:
    ///   - id: The webhook.
    ///   - update: What changes.
    ///   - account: The account it must belong to.
    /// - Returns: The webhook, or `nil` when the account has no such webhook.
    /// - Throws: As ``register(_:account:)``.
    @discardableResult
    public func update(_ id: WebhookID, _ update: WebhookUpdate, account: AccountID) async throws -> Webhook? {
        if let url = update.url {
            // The one that it has goes on, whatever rules came later.
            let isNew = try await store.webhook(id, account: account)?.webhook.url != url
            _ = isNew ? try EndpointURL(registering: url, policy: policy) : try EndpointURL(url, policy: policy)
        }
        if let events = update.events { try checkEvents(events) }
        if case .perSecond(let count)? = update.rate { try checkRate(count) }
        if let timeout = update.timeout { _ = try limits.timeout(asked: timeout) }
        let webhook = try await store.update(id, account: account, update)
        dispatcher.wake()
        return webhook
    }

    /// Switches a webhook off: new events make no deliveries, and waiting ones are kept.
    ///
    /// - Parameters:
    ///   - id: The webhook.
    ///   - account: The account it must belong to.
    /// - Returns: The webhook, or `nil` when the account has no such webhook.
    /// - Throws: What the store throws.
    @discardableResult
    public func disable(_ id: WebhookID, account: AccountID) async throws -> Webhook? {
        try await store.disable(id, account: account)
    }

    /// Switches a webhook on.
    ///
    /// - Parameters:
    ///   - id: The webhook.
    ///   - account: The account it must belong to.
    ///   - drain: What becomes of the deliveries that waited meanwhile; on a webhook that is on already, of those that wait
    ///     now.
    /// - Returns: The webhook, or `nil` when the account has no such webhook.
    /// - Throws: What the store throws.
    @discardableResult
    public func enable(_ id: WebhookID, account: AccountID, drain: Drain = .atOnce) async throws -> Webhook? {
        let webhook = try await store.enable(id, account: account, drain: drain)
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

    private func checkEvents(_ events: [EventPattern]) throws(DeliveryError) {
        guard events.isEmpty else { return }
        throw DeliveryError(.noEvents, "The webhook subscribes to no event", hint: "Name event types, or `*` for all.")
    }

    private func checkRate(_ perSecond: Int?) throws(DeliveryError) {
        guard let perSecond, perSecond < 1 else { return }
        throw DeliveryError(
            .invalidRate, "The webhook takes \(perSecond) requests a second",
            hint: "Ask for at least one, or for no bound.")
    }
}
