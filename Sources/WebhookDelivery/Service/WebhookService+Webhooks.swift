public import WebhookEvents
internal import WebhookLimits
internal import WebhookSigning

extension WebhookService {
    /// Registers a webhook.
    ///
    /// - Parameters:
    ///   - registration: The webhook to register.
    ///   - account: The account that will own the webhook.
    /// - Returns: The webhook and its secret; show the secret to its owner now, because it is not returned again.
    /// - Throws: `EndpointError` if the URL is not allowed; `SigningError` if the secret is too short or not shared;
    ///   `LimitError` if the timeout is out of range or the account has too many webhooks; ``DeliveryError`` with code
    ///   ``DeliveryError/Code/noEvents``; errors of the store.
    @discardableResult
    public func register(_ registration: WebhookRegistration, account: AccountID) async throws -> RegisteredWebhook {
        _ = try EndpointURL(registering: registration.url, policy: policy)
        try checkEvents(registration.events)
        try checkRate(registration.requestsPerSecond)
        let timeout = try limits.timeout(asked: registration.timeout)
        let now = clock.now
        let webhook = Webhook(
            id: WebhookID(prefix: "wh_", now: now, entropy: entropy()), accountID: account, url: registration.url,
            events: registration.events, status: registration.isEnabled ? .active : .disabled,
            format: registration.format, headers: registration.headers, timeout: timeout,
            retryPolicy: registration.retryPolicy, ordering: registration.ordering,
            requestsPerSecond: registration.requestsPerSecond, annotations: registration.annotations,
            expiresAt: registration.expiresAt, allowsSteering: registration.allowsSteering,
            sendsTraceContext: registration.sendsTraceContext, createdAt: now)
        var generator = RandomSourceGenerator(random)
        let registered = try RegisteredWebhook(
            webhook: webhook,
            secrets: SecretRotation(registration.secret.secret ?? .random(using: &generator)))
        try await store.create(registered, limits: limits)
        return registered
    }

    /// Returns an account's webhooks, oldest first, without unreadable ones.
    ///
    /// - Parameter account: The account.
    /// - Returns: The webhooks.
    /// - Throws: Errors of the store.
    public func webhooks(of account: AccountID) async throws -> [Webhook] { try await store.webhooks(of: account) }

    /// Returns an account's unreadable webhooks: damaged, stored by a later version, or encrypted with a missing key.
    ///
    /// Nothing is delivered to them. They can be deleted, and ``erase(_:)`` removes them.
    ///
    /// - Parameter account: The account.
    /// - Returns: Their identifiers.
    /// - Throws: Errors of the store.
    public func unreadableWebhooks(of account: AccountID) async throws -> [WebhookID] {
        try await store.unreadableWebhooks(of: account)
    }

    /// Returns a webhook.
    ///
    /// - Parameters:
    ///   - id: The webhook.
    ///   - account: The account that must own it.
    /// - Returns: The webhook, or `nil` when the account has no such webhook.
    /// - Throws: Errors of the store.
    public func webhook(_ id: WebhookID, account: AccountID) async throws -> Webhook? {
        try await store.webhook(id, account: account)?.webhook
    }

    /// Changes a webhook's settings.
    ///
    /// - Parameters:
    ///   - id: The webhook.
    ///   - update: The change.
    ///   - account: The account that must own the webhook.
    /// - Returns: The webhook, or `nil` when the account has no such webhook.
    /// - Throws: The errors of ``register(_:account:)``, also if a webhook that no longer counted towards its account's limit
    ///   would count again.
    @discardableResult
    public func update(_ id: WebhookID, _ update: Webhook.Update, account: AccountID) async throws -> Webhook? {
        if let url = update.url {
            // The current URL stays valid, even if the rules for registration are stricter now.
            let isNew = try await store.webhook(id, account: account)?.webhook.url != url
            _ = isNew ? try EndpointURL(registering: url, policy: policy) : try EndpointURL(url, policy: policy)
        }
        if let events = update.events { try checkEvents(events) }
        if case .perSecond(let count)? = update.rate { try checkRate(count) }
        if let timeout = update.timeout { _ = try limits.timeout(asked: timeout) }
        let webhook = try await store.update(id, update, account: account, limits: limits)
        dispatcher.wake()
        return webhook
    }

    /// Disables a webhook: new events create no deliveries, and the backlog is kept.
    ///
    /// - Parameters:
    ///   - id: The webhook.
    ///   - account: The account that must own it.
    /// - Returns: The webhook, or `nil` when the account has no such webhook.
    /// - Throws: Errors of the store.
    @discardableResult
    public func disable(_ id: WebhookID, account: AccountID) async throws -> Webhook? {
        try await store.disable(id, account: account)
    }

    /// Enables a webhook.
    ///
    /// - Parameters:
    ///   - id: The webhook.
    ///   - account: The account that must own it.
    ///   - backlog: The backlog policy; if the webhook is already enabled, the policy applies to its waiting deliveries.
    /// - Returns: The webhook, or `nil` when the account has no such webhook.
    /// - Throws: `LimitError` if the webhook no longer counted towards its account's limit, and the limit is reached;
    ///   errors of the store.
    @discardableResult
    public func enable(_ id: WebhookID, account: AccountID, backlog: Webhook.BacklogPolicy = .immediately) async throws
        -> Webhook?
    {
        let webhook = try await store.enable(id, account: account, backlog: backlog, limits: limits)
        dispatcher.wake()
        return webhook
    }

    /// Discards the waiting deliveries of a webhook, whose status stays as it is.
    ///
    /// - Parameters:
    ///   - id: The webhook.
    ///   - account: The account that must own it.
    /// - Returns: The webhook, or `nil` when the account has no such webhook.
    /// - Throws: Errors of the store.
    @discardableResult
    public func discardBacklog(of id: WebhookID, account: AccountID) async throws -> Webhook? {
        try await store.discardBacklog(of: id, account: account)
    }

    /// Deletes a webhook and cancels its open deliveries.
    ///
    /// - Parameters:
    ///   - id: The webhook.
    ///   - account: The account that must own it.
    /// - Returns: Whether the account had such a webhook.
    /// - Throws: Errors of the store.
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
            .invalidRate, "The rate limit of \(perSecond) requests per second is too low",
            hint: "Use at least 1, or no rate limit.")
    }
}
