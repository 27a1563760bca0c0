public import WebhookEvents
public import WebhookLimits
public import WebhookSigning

/// The role of a store that keeps webhooks.
public protocol WebhookRegistry: Sendable {
    /// Adds a webhook, unless its account has reached a limit.
    ///
    /// Its daily quota starts with the charge from `ServiceLimits.AccountDay`.
    ///
    /// - Parameters:
    ///   - registered: The webhook and its secrets.
    ///   - limits: How many webhooks the account may have, and how many it may register per day.
    /// - Throws: The errors of `ServiceLimits.checkWebhooks` and `ServiceLimits.AccountDay.register`; after any other error, the
    ///   outcome is unknown.
    func create(_ registered: RegisteredWebhook, limits: ServiceLimits) async throws

    /// Returns a webhook with its secrets.
    ///
    /// - Parameters:
    ///   - id: The webhook.
    ///   - account: The account that must own it.
    /// - Returns: The webhook, or `nil` when the account has no such webhook.
    /// - Throws: ``DeliveryError`` with code ``DeliveryError/Code/unreadable``; after any other error, the outcome is
    ///   unknown.
    func webhook(_ id: WebhookID, account: AccountID) async throws -> RegisteredWebhook?

    /// Returns an account's webhooks, oldest first, without unreadable ones.
    ///
    /// - Parameter account: The account.
    /// - Returns: The webhooks.
    /// - Throws: Any error; the outcome is then unknown.
    func webhooks(of account: AccountID) async throws -> [Webhook]

    /// Returns an account's unreadable webhooks, which are set aside until ``delete(_:account:)`` removes them.
    ///
    /// - Parameter account: The account.
    /// - Returns: Their identifiers; empty for a store that does not encode webhooks.
    /// - Throws: Any error; the outcome is then unknown.
    func unreadableWebhooks(of account: AccountID) async throws -> [WebhookID]

    /// Changes a webhook's settings with ``Webhook/apply(_:now:)``.
    ///
    /// - Parameters:
    ///   - id: The webhook.
    ///   - update: The change.
    ///   - account: The account that must own it.
    ///   - limits: How many webhooks the account may have, if this one did not count and counts again: see
    ///     ``Webhook/counts(now:limits:)``.
    /// - Returns: The webhook, or `nil` when the account has no such webhook.
    /// - Throws: The errors of `ServiceLimits.checkWebhooks`; after any other error, the outcome is unknown.
    func update(
        _ id: WebhookID, _ update: Webhook.Update, account: AccountID, limits: ServiceLimits
    ) async throws -> Webhook?

    /// Disables a webhook with ``Webhook/disable(now:)``.
    ///
    /// Its waiting deliveries are kept.
    ///
    /// - Parameters:
    ///   - id: The webhook.
    ///   - account: The account that must own it.
    /// - Returns: The webhook, or `nil` when the account has no such webhook.
    /// - Throws: Any error; the outcome is then unknown.
    func disable(_ id: WebhookID, account: AccountID) async throws -> Webhook?

    /// Enables a webhook with ``Webhook/enable(now:)``, and applies the backlog policy to its waiting deliveries.
    ///
    /// The policy is applied even if the webhook is enabled already.
    ///
    /// - Parameters:
    ///   - id: The webhook.
    ///   - account: The account that must own it.
    ///   - backlog: The backlog policy: see ``Webhook/BacklogPolicy/apply(to:now:)``.
    ///   - limits: How many webhooks the account may have, if this one did not count and counts again.
    /// - Returns: The webhook, or `nil` when the account has no such webhook.
    /// - Throws: The errors of `ServiceLimits.checkWebhooks`; after any other error, the outcome is unknown.
    func enable(
        _ id: WebhookID, account: AccountID, backlog: Webhook.BacklogPolicy, limits: ServiceLimits
    ) async throws -> Webhook?

    /// Discards the waiting deliveries of a webhook, whose status stays as it is.
    ///
    /// - Parameters:
    ///   - id: The webhook.
    ///   - account: The account that must own it.
    /// - Returns: The webhook, or `nil` when the account has no such webhook.
    /// - Throws: Any error; the outcome is then unknown.
    func discardBacklog(of id: WebhookID, account: AccountID) async throws -> Webhook?

    /// Returns webhooks that retired before a time: see ``Webhook/retiresAt``.
    ///
    /// - Parameters:
    ///   - before: The time.
    ///   - limit: The most webhooks to return.
    /// - Returns: Their keys.
    /// - Throws: Any error; the outcome is then unknown.
    func retiredWebhooks(before: Timestamp, limit: Int) async throws -> [Webhook.Key]

    /// Changes a webhook's secrets with ``SecretRotation/apply(_:now:)``, and increments its version.
    ///
    /// - Parameters:
    ///   - id: The webhook.
    ///   - change: The change.
    ///   - account: The account that must own it.
    /// - Returns: The changed secrets, or `nil` when the account has no such webhook.
    /// - Throws: `SigningError` if the change is not possible; after any other error, the outcome is unknown.
    func changeSecrets(
        of id: WebhookID, _ change: SecretRotation.Change, account: AccountID
    ) async throws -> SecretRotation?

    /// Deletes a webhook and cancels its open deliveries.
    ///
    /// The account's `ServiceLimits.AccountDay` keeps the charge of its daily quota. To keep transactions short, a store may delete
    /// in several steps; the first one must disable the webhook.
    ///
    /// - Parameters:
    ///   - id: The webhook.
    ///   - account: The account that must own it.
    /// - Returns: Whether the account had such a webhook.
    /// - Throws: Any error; the outcome is then unknown.
    func delete(_ id: WebhookID, account: AccountID) async throws -> Bool
}

extension WebhookRegistry {
    /// Returns no identifiers: a store that does not encode webhooks can read all of them.
    ///
    /// - Parameter account: The account.
    /// - Returns: An empty array.
    /// - Throws: Nothing.
    public func unreadableWebhooks(of account: AccountID) async throws -> [WebhookID] { [] }
}

extension Webhook {
    /// The key of a webhook.
    public struct Key: Sendable, Hashable {
        /// The account.
        public let accountID: AccountID
        /// The webhook.
        public let webhookID: WebhookID

        /// Creates a key.
        ///
        /// - Parameters:
        ///   - accountID: The account.
        ///   - webhookID: The webhook.
        public init(accountID: AccountID, webhookID: WebhookID) {
            self.accountID = accountID
            self.webhookID = webhookID
        }
    }
}
