public import WebhookEvents
public import WebhookLimits
public import WebhookSigning

/// Where webhooks, events and deliveries are kept.
///
/// Each requirement is one whole intention and must be atomic: it happens completely or not at all, also when the process
/// dies, and also when several workers call at once. A store decides nothing: it drives ``DeliveryState`` and ``Webhook``
/// with its own clock and writes what they say. What a call throws tells the engine only that the outcome is unknown; the
/// engine repeats, and every intention may be repeated safely.
public protocol WebhookStore: Sendable {
    /// Adds a webhook, unless its account has reached the limit.
    ///
    /// - Parameters:
    ///   - webhook: The webhook and its secret.
    ///   - limits: How many webhooks the account may have.
    /// - Throws: What `WebhookLimits.checkWebhooks` throws; anything else means that the outcome is unknown.
    func create(_ webhook: RegisteredWebhook, limits: WebhookLimits) async throws

    /// An account's webhooks, oldest first.
    ///
    /// - Parameter account: The account.
    /// - Returns: The webhooks.
    /// - Throws: Anything; the outcome is then unknown.
    func webhooks(of account: AccountID) async throws -> [Webhook]

    /// Puts a webhook into another state. Its waiting deliveries stay; they go on when it is active again.
    ///
    /// - Parameters:
    ///   - id: The webhook.
    ///   - account: The account it must belong to.
    ///   - state: The new state.
    /// - Returns: The webhook, or `nil` when the account has no such webhook.
    /// - Throws: Anything; the outcome is then unknown.
    func setState(of id: WebhookID, account: AccountID, to state: Webhook.State) async throws -> Webhook?

    /// Changes a webhook's secrets, as ``SecretRotation/apply(_:now:)`` says.
    ///
    /// - Parameters:
    ///   - id: The webhook.
    ///   - account: The account it must belong to.
    ///   - change: What to do.
    /// - Returns: The secrets afterwards, or `nil` when the account has no such webhook.
    /// - Throws: `SigningError` when the change is not possible; anything else leaves the outcome unknown.
    func changeSecrets(
        of id: WebhookID, account: AccountID, _ change: SecretRotation.Step
    ) async throws -> SecretRotation?

    /// Deletes a webhook and cancels its open deliveries.
    ///
    /// - Parameters:
    ///   - id: The webhook.
    ///   - account: The account it must belong to.
    /// - Returns: Whether the account had such a webhook.
    /// - Throws: Anything; the outcome is then unknown.
    func delete(_ id: WebhookID, account: AccountID) async throws -> Bool

    /// Keeps an event and one delivery for each webhook of its account that wants it, all in one commit.
    ///
    /// - Parameter publication: The event.
    /// - Returns: What became of it; a repeated event with the same bytes changes nothing.
    /// - Throws: ``DeliveryError`` with code ``DeliveryError/Code/eventConflict`` for a repeated event with other bytes.
    func publish(_ publication: EventPublication) async throws -> PublishReceipt

    /// Leases due deliveries of active webhooks, in turn between webhooks, oldest first within one.
    ///
    /// - Parameter request: How many, how large, and for how long.
    /// - Returns: The deliveries, and when to come again.
    /// - Throws: Anything; the outcome is then unknown.
    func claim(_ request: ClaimRequest) async throws -> ClaimReply

    /// Records finished attempts and moves their deliveries on, in one commit.
    ///
    /// - Parameter settlements: The attempts.
    /// - Returns: One result for each, in order; an attempt whose token is not the current one is
    ///   ``DeliveryState/OnSettle/fenced`` and writes nothing.
    ///
    /// - Throws: Anything; the outcome is then unknown.
    func settle(_ settlements: [Settlement]) async throws -> [DeliveryState.OnSettle]

    /// Gives back deliveries of which nothing was sent.
    ///
    /// - Parameter leases: The leases; those that were lost meanwhile are ignored.
    /// - Throws: Anything; the outcome is then unknown.
    func release(_ leases: [Lease]) async throws

    /// An account's deliveries with their attempts, newest first.
    ///
    /// - Parameter query: Which ones.
    /// - Returns: The deliveries.
    /// - Throws: Anything; the outcome is then unknown.
    func deliveries(_ query: DeliveryQuery) async throws -> [DeliveryHistory]

    /// Counts deliveries by where they stand.
    ///
    /// - Parameter account: The account, or `nil` for all.
    /// - Returns: The counts.
    /// - Throws: Anything; the outcome is then unknown.
    func ledger(of account: AccountID?) async throws -> Ledger
}

/// Which deliveries to look at.
public struct DeliveryQuery: Sendable, Hashable {
    /// The account that they belong to.
    public var account: AccountID
    /// Only those to this webhook.
    public var webhook: WebhookID?
    /// Only those of this event.
    public var event: EventID?
    /// Only those that stand here.
    public var status: DeliveryState.Status?
    /// Only those older than this one; the last of a page asks for the next page.
    public var before: DeliveryID?
    /// The most to return.
    public var limit: Int

    /// Creates a query.
    ///
    /// - Parameters:
    ///   - account: The account that they belong to.
    ///   - webhook: Only those to this webhook.
    ///   - event: Only those of this event.
    ///   - status: Only those that stand here.
    ///   - before: Only those older than this one.
    ///   - limit: The most to return.
    public init(
        account: AccountID, webhook: WebhookID? = nil, event: EventID? = nil, status: DeliveryState.Status? = nil,
        before: DeliveryID? = nil, limit: Int = 25
    ) {
        self.account = account
        self.webhook = webhook
        self.event = event
        self.status = status
        self.before = before
        self.limit = limit
    }
}
