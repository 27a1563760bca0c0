public import WebhookEvents
public import WebhookLimits
public import WebhookSigning

/// Where webhooks, events and deliveries are kept.
///
/// Each requirement is one whole intention and must be atomic: it happens completely or not at all, also when the process
/// dies, and also when several workers call at once. A store decides nothing: it drives ``Delivery`` and ``Webhook``
/// with its own clock and writes what they say. What a call throws tells the engine only that the outcome is unknown; the
/// engine repeats, and every intention may be repeated safely.
public protocol WebhookStore: Sendable {
    /// Adds a webhook, unless its account has reached a limit; its day begins with what `AccountDay` hands over to it.
    ///
    /// - Parameters:
    ///   - webhook: The webhook and its secret.
    ///   - limits: How many webhooks the account may have, and register on one day.
    /// - Throws: What `WebhookLimits.checkWebhooks` and `AccountDay.register` throw; anything else means that the outcome is
    ///   unknown.
    func create(_ webhook: RegisteredWebhook, limits: WebhookLimits) async throws

    /// A webhook as it is now, with its secrets.
    ///
    /// - Parameters:
    ///   - id: The webhook.
    ///   - account: The account it must belong to.
    /// - Returns: The webhook, or `nil` when the account has no such webhook.
    /// - Throws: ``DeliveryError`` with code ``DeliveryError/Code/unreadable``; anything else leaves the outcome unknown.
    func webhook(_ id: WebhookID, account: AccountID) async throws -> RegisteredWebhook?

    /// An account's webhooks, oldest first, without those that cannot be read.
    ///
    /// - Parameter account: The account.
    /// - Returns: The webhooks.
    /// - Throws: Anything; the outcome is then unknown.
    func webhooks(of account: AccountID) async throws -> [Webhook]

    /// An account's webhooks that cannot be read: they are set aside, and ``delete(_:account:)`` removes them.
    ///
    /// - Parameter account: The account.
    /// - Returns: Their names; none in a store that keeps values as they are.
    /// - Throws: Anything; the outcome is then unknown.
    func unreadableWebhooks(of account: AccountID) async throws -> [WebhookID]

    /// Changes a webhook's settings, as ``Webhook/apply(_:)`` says.
    ///
    /// - Parameters:
    ///   - id: The webhook.
    ///   - account: The account it must belong to.
    ///   - update: The change.
    /// - Returns: The webhook, or `nil` when the account has no such webhook.
    /// - Throws: Anything; the outcome is then unknown.
    func update(_ id: WebhookID, account: AccountID, _ update: WebhookUpdate) async throws -> Webhook?

    /// Switches a webhook off, as ``Webhook/disable()`` says. Its waiting deliveries stay.
    ///
    /// - Parameters:
    ///   - id: The webhook.
    ///   - account: The account it must belong to.
    /// - Returns: The webhook, or `nil` when the account has no such webhook.
    /// - Throws: Anything; the outcome is then unknown.
    func disable(_ id: WebhookID, account: AccountID) async throws -> Webhook?

    /// Switches a webhook on, as ``Webhook/enable()`` says, and does to the deliveries that wait what the drain says.
    ///
    /// One that is on already gets the drain as well.
    ///
    /// - Parameters:
    ///   - id: The webhook.
    ///   - account: The account it must belong to.
    ///   - drain: What becomes of the deliveries that wait: see ``Drain/apply(to:at:)``.
    /// - Returns: The webhook, or `nil` when the account has no such webhook.
    /// - Throws: Anything; the outcome is then unknown.
    func enable(_ id: WebhookID, account: AccountID, drain: Drain) async throws -> Webhook?

    /// Changes a webhook's secrets, as ``SecretRotation/apply(_:now:)`` says, and counts its version up.
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

    /// Deletes a webhook and cancels its open deliveries; its account's `AccountDay` remembers what it used of its day.
    ///
    /// A store whose other calls would have to wait may do it in steps, of which the first disables the webhook.
    ///
    /// - Parameters:
    ///   - id: The webhook.
    ///   - account: The account it must belong to.
    /// - Returns: Whether the account had such a webhook.
    /// - Throws: Anything; the outcome is then unknown.
    func delete(_ id: WebhookID, account: AccountID) async throws -> Bool

    /// Keeps an event and what ``EventPublication/fanOut(to:open:sequence:at:)`` makes of it for each webhook of its
    /// account, all in one commit.
    ///
    /// - Parameter publication: The event.
    /// - Returns: What became of it; a repeated event with the same bytes changes nothing and gives the first receipt.
    /// - Throws: ``DeliveryError`` with code ``DeliveryError/Code/eventConflict`` for a repeated event with other bytes.
    func publish(_ publication: EventPublication) async throws -> PublishReceipt

    /// Keeps a test event and ``EventPublication/testDelivery(to:sequence:at:)``, leased by ``Delivery/lease(at:webhook:rules:)``
    /// in the same commit: the caller sends the test itself, whatever the webhook's gate says, but within the caps that
    /// ``Webhook/testMustWait(leased:leasedOfAccount:at:rules:)`` checks.
    ///
    /// - Parameters:
    ///   - publication: The event.
    ///   - webhook: The webhook.
    ///   - rules: How long leases last, and the daily limit; nothing is kept when the day is used up.
    /// - Returns: The lease.
    /// - Throws: Anything; the outcome is then unknown.
    func lease(
        test publication: EventPublication, to webhook: WebhookID, rules: DeliveryRules
    ) async throws -> TestLease

    /// Makes ``Delivery/redelivery(as:_:sequence:at:)`` of a delivery that is over.
    ///
    /// - Parameters:
    ///   - id: The delivery.
    ///   - account: The account it must belong to.
    ///   - new: Names the new delivery; asking again with the same name gives the same delivery.
    ///   - limits: How many deliveries of the webhook may wait.
    /// - Returns: What came of it.
    /// - Throws: What `WebhookLimits.checkBacklog` throws; anything else leaves the outcome unknown.
    func redeliver(
        _ id: DeliveryID, account: AccountID, as new: DeliveryID, limits: WebhookLimits
    ) async throws -> Redelivery

    /// Counts the deliveries that a recovery would send again.
    ///
    /// - Parameters:
    ///   - filter: Which ones.
    ///   - account: The account they must belong to.
    /// - Returns: How many match and have not arrived since: see ``RecoveryFilter/matches(_:)``.
    /// - Throws: Anything; the outcome is then unknown.
    func count(_ filter: RecoveryFilter, account: AccountID) async throws -> Int

    /// Keeps a recovery; ``claim(_:)`` moves it on. Keeping the same one again changes nothing. Of the account's
    /// recoveries that have ended, the hundred that were started last are kept.
    ///
    /// - Parameters:
    ///   - recovery: The recovery.
    ///   - limits: How many recoveries of the account may run at once.
    /// - Throws: What `WebhookLimits.checkRecoveries` throws; anything else leaves the outcome unknown.
    func start(_ recovery: Recovery, limits: WebhookLimits) async throws

    /// A recovery as it is now.
    ///
    /// - Parameters:
    ///   - id: The recovery.
    ///   - account: The account it must belong to.
    /// - Returns: The recovery, or `nil` when the account has no such recovery.
    /// - Throws: Anything; the outcome is then unknown.
    func recovery(_ id: RecoveryID, account: AccountID) async throws -> Recovery?

    /// Ends a recovery.
    ///
    /// - Parameters:
    ///   - id: The recovery.
    ///   - account: The account it must belong to.
    /// - Returns: The recovery, or `nil` when the account has no such recovery.
    /// - Throws: Anything; the outcome is then unknown.
    func cancelRecovery(_ id: RecoveryID, account: AccountID) async throws -> Recovery?

    /// Removes events whose deliveries were all over before a moment, with their deliveries and attempts, oldest first.
    ///
    /// - Parameters:
    ///   - before: The moment.
    ///   - limit: The most events to remove.
    /// - Returns: How many were removed; fewer than `limit` when none is left.
    /// - Throws: Anything; the outcome is then unknown.
    func prune(before: Timestamp, limit: Int) async throws -> Int

    /// Removes an account's events and recoveries, with their deliveries and attempts; its webhooks are deleted already.
    ///
    /// - Parameters:
    ///   - account: The account.
    ///   - limit: The most events to remove.
    /// - Returns: How many events were removed; fewer than `limit` when none is left.
    /// - Throws: Anything; the outcome is then unknown.
    func erase(_ account: AccountID, limit: Int) async throws -> Int

    /// Leases due deliveries of webhooks whose gate is open: in turn between accounts, in turn between an account's
    /// webhooks, oldest first within one. One with an ordering key waits for those before it with the same webhook and key.
    /// What the worker has no place for, as ``ClaimAllowance`` says, holds up nothing else.
    ///
    /// Before that, each running recovery whose time has come makes its next redeliveries, as many as its
    /// ``Recovery/allowance(at:)`` says, oldest first, in the same commit; one whose webhook is gone is cancelled.
    ///
    /// - Parameter request: How many, how large, and for how long.
    /// - Returns: The deliveries, and when to come again.
    /// - Throws: Anything; the outcome is then unknown.
    func claim(_ request: ClaimRequest) async throws -> ClaimReply

    /// Records finished attempts and moves their deliveries on, in one commit.
    ///
    /// - Parameters:
    ///   - settlements: The attempts.
    ///   - rules: What the host has decided.
    ///   - mayWait: Whether the call may wait for an account that another transaction holds. A dispatcher waits for one account
    ///     at a time, beside its other calls.
    /// - Returns: One result for each, in order; an attempt whose token is not the current one is
    ///   ``Delivery/OnSettle/fenced`` and writes nothing. A store that would have to wait for an account, and must not, answers
    ///   ``Delivery/OnSettle/busy`` for its reports and takes the others.
    /// - Throws: Anything; the outcome is then unknown.
    func settle(
        _ settlements: [Settlement], rules: DeliveryRules, mayWait: Bool
    ) async throws -> [Delivery.OnSettle]

    /// Gives back deliveries of which nothing was sent, as ``Delivery/release(_:at:)`` says.
    ///
    /// - Parameters:
    ///   - releases: The deliveries; those whose lease was lost meanwhile are ignored.
    ///   - mayWait: Whether the call may wait for an account that another transaction holds.
    /// - Returns: Those of accounts that the store would have to wait for, and must not: they are to be given back again.
    /// - Throws: Anything; the outcome is then unknown.
    func release(_ releases: [Release], mayWait: Bool) async throws -> [Release]

    /// An event, without its bytes.
    ///
    /// - Parameters:
    ///   - id: The event.
    ///   - account: The account it must belong to.
    /// - Returns: The event, or `nil` when the account has no such event.
    /// - Throws: Anything; the outcome is then unknown.
    func event(_ id: EventID, account: AccountID) async throws -> StoredEvent?

    /// An account's deliveries with their attempts, newest first.
    ///
    /// - Parameter query: Which ones.
    /// - Returns: The deliveries.
    /// - Throws: Anything; the outcome is then unknown.
    func deliveries(_ query: DeliveryQuery) async throws -> [DeliveryHistory]

    /// Says how a webhook has been doing: each of its attempts goes through ``DeliveryStatistics/add(_:ended:)``, but for
    /// those of tests.
    ///
    /// - Parameters:
    ///   - webhook: The webhook.
    ///   - account: The account that its deliveries belong to.
    ///   - window: The span of time.
    /// - Returns: The statistics; of nothing when the account has no such deliveries.
    /// - Throws: Anything; the outcome is then unknown.
    func statistics(
        of webhook: WebhookID, account: AccountID, over window: StatisticsWindow
    ) async throws -> DeliveryStatistics

    /// Counts deliveries by where they stand.
    ///
    /// - Parameter account: The account, or `nil` for all.
    /// - Returns: The counts.
    /// - Throws: Anything; the outcome is then unknown.
    func ledger(of account: AccountID?) async throws -> Ledger
}

extension WebhookStore {
    /// Records finished attempts, and waits for accounts that other transactions hold.
    ///
    /// - Parameters:
    ///   - settlements: The attempts.
    ///   - rules: What the host has decided.
    /// - Returns: One result for each, in order.
    /// - Throws: Anything; the outcome is then unknown.
    public func settle(_ settlements: [Settlement], rules: DeliveryRules) async throws -> [Delivery.OnSettle] {
        try await settle(settlements, rules: rules, mayWait: true)
    }

    /// Gives back deliveries of which nothing was sent, and waits for accounts that other transactions hold.
    ///
    /// - Parameter releases: The deliveries; those whose lease was lost meanwhile are ignored.
    /// - Throws: Anything; the outcome is then unknown.
    public func release(_ releases: [Release]) async throws { _ = try await release(releases, mayWait: true) }

    /// None: a store that keeps values as they are can read all of them.
    ///
    /// - Parameter account: The account.
    /// - Returns: No names.
    /// - Throws: Nothing.
    public func unreadableWebhooks(of account: AccountID) async throws -> [WebhookID] { [] }
}
