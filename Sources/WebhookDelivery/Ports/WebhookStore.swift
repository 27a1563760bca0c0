public import WebhookEvents
public import WebhookLimits
public import WebhookSigning

/// A store of webhooks, events and deliveries.
///
/// Each requirement must be atomic: it happens completely or not at all, even if the process crashes, and even if
/// several workers call concurrently. A store decides nothing itself: it applies the methods of ``Delivery`` and
/// ``Webhook`` with its own clock and stores the results. If a call throws, the engine knows only that the outcome is
/// unknown. It retries the call, so every requirement must be safe to repeat.
public protocol WebhookStore: Sendable {
    /// Adds a webhook, unless its account has reached a limit.
    ///
    /// Its daily quota starts with the charge from `AccountDay`.
    ///
    /// - Parameters:
    ///   - webhook: The webhook and its secret.
    ///   - limits: How many webhooks the account may have, and how many it may register per day.
    /// - Throws: The errors of `WebhookLimits.checkWebhooks` and `AccountDay.register`; after any other error, the
    ///   outcome is unknown.
    func create(_ webhook: RegisteredWebhook, limits: WebhookLimits) async throws

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

    /// Changes a webhook's settings with ``Webhook/apply(_:)``.
    ///
    /// - Parameters:
    ///   - id: The webhook.
    ///   - account: The account that must own it.
    ///   - update: The change.
    /// - Returns: The webhook, or `nil` when the account has no such webhook.
    /// - Throws: Any error; the outcome is then unknown.
    func update(_ id: WebhookID, account: AccountID, _ update: WebhookUpdate) async throws -> Webhook?

    /// Disables a webhook with ``Webhook/disable()``.
    ///
    /// Its waiting deliveries are kept.
    ///
    /// - Parameters:
    ///   - id: The webhook.
    ///   - account: The account that must own it.
    /// - Returns: The webhook, or `nil` when the account has no such webhook.
    /// - Throws: Any error; the outcome is then unknown.
    func disable(_ id: WebhookID, account: AccountID) async throws -> Webhook?

    /// Enables a webhook with ``Webhook/enable()``, and applies the backlog policy to its waiting deliveries.
    ///
    /// The policy is applied even if the webhook is enabled already.
    ///
    /// - Parameters:
    ///   - id: The webhook.
    ///   - account: The account that must own it.
    ///   - drain: The backlog policy: see ``Drain/apply(to:at:)``.
    /// - Returns: The webhook, or `nil` when the account has no such webhook.
    /// - Throws: Any error; the outcome is then unknown.
    func enable(_ id: WebhookID, account: AccountID, drain: Drain) async throws -> Webhook?

    /// Changes a webhook's secrets with ``SecretRotation/apply(_:now:)``, and increments its version.
    ///
    /// - Parameters:
    ///   - id: The webhook.
    ///   - account: The account that must own it.
    ///   - change: The change.
    /// - Returns: The changed secrets, or `nil` when the account has no such webhook.
    /// - Throws: `SigningError` if the change is not possible; after any other error, the outcome is unknown.
    func changeSecrets(
        of id: WebhookID, account: AccountID, _ change: SecretRotation.Step
    ) async throws -> SecretRotation?

    /// Deletes a webhook and cancels its open deliveries.
    ///
    /// The account's `AccountDay` keeps the charge of its daily quota. To keep transactions short, a store may delete
    /// in several steps; the first one must disable the webhook.
    ///
    /// - Parameters:
    ///   - id: The webhook.
    ///   - account: The account that must own it.
    /// - Returns: Whether the account had such a webhook.
    /// - Throws: Any error; the outcome is then unknown.
    func delete(_ id: WebhookID, account: AccountID) async throws -> Bool

    /// Stores an event and the result of ``EventPublication/fanOut(to:open:sequence:at:)`` for each webhook of its
    /// account, all in one commit.
    ///
    /// - Parameter publication: The event.
    /// - Returns: The receipt; publishing the same bytes again changes nothing and returns the first receipt.
    /// - Throws: ``DeliveryError`` with code ``DeliveryError/Code/eventConflict`` for a repeated event with other
    ///   bytes.
    func publish(_ publication: EventPublication) async throws -> PublishReceipt

    /// Stores a test event and leases its ``EventPublication/testDelivery(to:sequence:at:)`` in the same commit.
    ///
    /// The delivery is leased by ``Delivery/lease(at:webhook:rules:)``, and the caller sends the test. The webhook's
    /// gate is ignored, but the caps that ``Webhook/testMustWait(leased:leasedOfAccount:at:rules:)`` checks apply.
    ///
    /// - Parameters:
    ///   - publication: The event.
    ///   - webhook: The webhook.
    ///   - rules: The lease margin and the daily limit; nothing is stored when the daily quota is exhausted.
    /// - Returns: The lease.
    /// - Throws: Any error; the outcome is then unknown.
    func lease(
        test publication: EventPublication, to webhook: WebhookID, rules: DeliveryRules
    ) async throws -> TestLease

    /// Creates the ``Delivery/redelivery(as:_:sequence:at:)`` of a finished delivery.
    ///
    /// - Parameters:
    ///   - id: The delivery.
    ///   - account: The account that must own it.
    ///   - new: The new delivery's identifier; repeating the call with the same one returns the same delivery.
    ///   - limits: How many deliveries of the webhook may wait.
    /// - Returns: The result.
    /// - Throws: The errors of `WebhookLimits.checkBacklog`; after any other error, the outcome is unknown.
    func redeliver(
        _ id: DeliveryID, account: AccountID, as new: DeliveryID, limits: WebhookLimits
    ) async throws -> Redelivery

    /// Counts the deliveries that a replay would send again.
    ///
    /// - Parameters:
    ///   - filter: The deliveries to count.
    ///   - account: The account that must own them.
    /// - Returns: How many match and have not been delivered since: see ``RecoveryFilter/matches(_:)``.
    /// - Throws: Any error; the outcome is then unknown.
    func count(_ filter: RecoveryFilter, account: AccountID) async throws -> Int

    /// Stores a replay, which ``claim(_:)`` then advances.
    ///
    /// Storing the same replay again changes nothing. The store keeps an account's running replays and, of the ended
    /// ones, the 100 that were started last.
    ///
    /// - Parameters:
    ///   - recovery: The replay.
    ///   - limits: How many replays of the account may run at the same time.
    /// - Throws: The errors of `WebhookLimits.checkRecoveries`; after any other error, the outcome is unknown.
    func start(_ recovery: Recovery, limits: WebhookLimits) async throws

    /// Returns a replay.
    ///
    /// - Parameters:
    ///   - id: The replay.
    ///   - account: The account that must own it.
    /// - Returns: The replay, or `nil` when the account has no such replay.
    /// - Throws: Any error; the outcome is then unknown.
    func recovery(_ id: RecoveryID, account: AccountID) async throws -> Recovery?

    /// Cancels a replay.
    ///
    /// - Parameters:
    ///   - id: The replay.
    ///   - account: The account that must own it.
    /// - Returns: The replay, or `nil` when the account has no such replay.
    /// - Throws: Any error; the outcome is then unknown.
    func cancelRecovery(_ id: RecoveryID, account: AccountID) async throws -> Recovery?

    /// Removes events whose deliveries all finished before a time, with deliveries and attempts, oldest first.
    ///
    /// - Parameters:
    ///   - before: The time.
    ///   - limit: The most events to remove.
    /// - Returns: How many events were removed; fewer than `limit` when none is left.
    /// - Throws: Any error; the outcome is then unknown.
    func prune(before: Timestamp, limit: Int) async throws -> Int

    /// Removes the events, deliveries, attempts and replays of an account whose webhooks are already deleted.
    ///
    /// - Parameters:
    ///   - account: The account.
    ///   - limit: The most events to remove.
    /// - Returns: How many events were removed; fewer than `limit` when none is left.
    /// - Throws: Any error; the outcome is then unknown.
    func erase(_ account: AccountID, limit: Int) async throws -> Int

    /// Leases due deliveries of webhooks whose gate is open.
    ///
    /// Accounts take turns, and so do the webhooks of an account; a webhook's deliveries are leased oldest first. A
    /// delivery with an ordering key waits for earlier ones with the same webhook and key. A delivery that the worker
    /// has no room for, by ``ClaimAllowance``, does not block others.
    ///
    /// Before that and in the same commit, each running replay that is due creates its next redeliveries, oldest first
    /// and at most ``Recovery/allowance(at:)``. A replay whose webhook was deleted is cancelled.
    ///
    /// - Parameter request: How many deliveries to lease, with how many bytes, and for how long.
    /// - Returns: The deliveries, and when the next one is due.
    /// - Throws: Any error; the outcome is then unknown.
    func claim(_ request: ClaimRequest) async throws -> ClaimReply

    /// Stores finished attempts and the next state of their deliveries, in one commit.
    ///
    /// - Parameters:
    ///   - settlements: The attempts.
    ///   - rules: The host's delivery rules.
    ///   - mayWait: Whether the call may wait for an account that another transaction has locked. A dispatcher waits
    ///     for one account at a time, concurrently with its other calls.
    /// - Returns: One result for each attempt, in order. An attempt with an outdated token gets
    ///   ``Delivery/OnSettle/fenced`` and writes nothing. If the call would have to wait for an account but must not,
    ///   the attempts of that account get ``Delivery/OnSettle/busy``, and the others are stored.
    /// - Throws: Any error; the outcome is then unknown.
    func settle(
        _ settlements: [Settlement], rules: DeliveryRules, mayWait: Bool
    ) async throws -> [Delivery.OnSettle]

    /// Releases unsent deliveries with ``Delivery/release(_:at:)``.
    ///
    /// - Parameters:
    ///   - releases: The deliveries; those whose lease has passed to another worker are ignored.
    ///   - mayWait: Whether the call may wait for an account that another transaction has locked.
    /// - Returns: The releases that would have had to wait; the caller must repeat them.
    /// - Throws: Any error; the outcome is then unknown.
    func release(_ releases: [Release], mayWait: Bool) async throws -> [Release]

    /// Returns an event, without its bytes.
    ///
    /// - Parameters:
    ///   - id: The event.
    ///   - account: The account that must own it.
    /// - Returns: The event, or `nil` when the account has no such event.
    /// - Throws: Any error; the outcome is then unknown.
    func event(_ id: EventID, account: AccountID) async throws -> StoredEvent?

    /// Returns an account's deliveries with their attempts, newest first.
    ///
    /// - Parameter query: The deliveries to return.
    /// - Returns: The deliveries.
    /// - Throws: Any error; the outcome is then unknown.
    func deliveries(_ query: DeliveryQuery) async throws -> [DeliveryHistory]

    /// Returns statistics of a webhook: each of its attempts, except those of tests, is added by
    /// ``DeliveryStatistics/add(_:ended:)``.
    ///
    /// - Parameters:
    ///   - webhook: The webhook.
    ///   - account: The account that owns the webhook's deliveries.
    ///   - window: The time window.
    /// - Returns: The statistics; empty when the account has no such deliveries.
    /// - Throws: Any error; the outcome is then unknown.
    func statistics(
        of webhook: WebhookID, account: AccountID, over window: StatisticsWindow
    ) async throws -> DeliveryStatistics

    /// Counts deliveries by status.
    ///
    /// - Parameter account: The account, or `nil` for all.
    /// - Returns: The counts.
    /// - Throws: Any error; the outcome is then unknown.
    func ledger(of account: AccountID?) async throws -> Ledger
}

extension WebhookStore {
    /// Stores finished attempts, and waits for accounts that other transactions have locked.
    ///
    /// - Parameters:
    ///   - settlements: The attempts.
    ///   - rules: The host's delivery rules.
    /// - Returns: One result for each attempt, in order.
    /// - Throws: Any error; the outcome is then unknown.
    public func settle(_ settlements: [Settlement], rules: DeliveryRules) async throws -> [Delivery.OnSettle] {
        try await settle(settlements, rules: rules, mayWait: true)
    }

    /// Releases unsent deliveries, and waits for accounts that other transactions have locked.
    ///
    /// - Parameter releases: The deliveries; those whose lease has passed to another worker are ignored.
    /// - Throws: Any error; the outcome is then unknown.
    public func release(_ releases: [Release]) async throws { _ = try await release(releases, mayWait: true) }

    /// Returns no identifiers: a store that does not encode webhooks can read all of them.
    ///
    /// - Parameter account: The account.
    /// - Returns: An empty array.
    /// - Throws: Nothing.
    public func unreadableWebhooks(of account: AccountID) async throws -> [WebhookID] { [] }
}
