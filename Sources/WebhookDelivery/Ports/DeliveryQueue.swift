public import WebhookEvents
public import WebhookLimits

/// The role of a store that keeps events and their deliveries until the deliveries end.
public protocol DeliveryQueue: Sendable {
    /// Stores an event and the result of ``EventPublication/fanOut(to:open:sequence:now:)`` for each webhook of its
    /// account, all in one commit.
    ///
    /// - Parameter publication: The event.
    /// - Returns: The receipt; publishing the same bytes again changes nothing and returns the first receipt.
    /// - Throws: ``DeliveryError`` with code ``DeliveryError/Code/eventConflict`` for a repeated event with other
    ///   bytes.
    func publish(_ publication: EventPublication) async throws -> PublishReceipt

    /// Stores a test event and leases its ``EventPublication/testDelivery(to:sequence:now:)`` in the same commit.
    ///
    /// The delivery is leased by ``Delivery/lease(now:webhook:rules:)``, and the caller sends the test. The webhook's
    /// gate is ignored, but the caps that ``Webhook/earliestTestTime(leased:leasedOfAccount:now:rules:)`` checks apply.
    ///
    /// - Parameters:
    ///   - publication: The event.
    ///   - webhook: The webhook.
    ///   - rules: The lease margin and the daily limit; nothing is stored when the daily quota is exhausted.
    /// - Returns: The lease.
    /// - Throws: Any error; the outcome is then unknown.
    func lease(
        test publication: EventPublication, to webhook: WebhookID, rules: DeliveryRules
    ) async throws -> Delivery.TestLeaseResult

    /// Creates the ``Delivery/redelivery(as:_:sequence:now:)`` of a finished delivery.
    ///
    /// - Parameters:
    ///   - id: The delivery.
    ///   - account: The account that must own it.
    ///   - new: The new delivery's identifier; repeating the call with the same one returns the same delivery.
    ///   - limits: How many deliveries of the webhook may wait.
    /// - Returns: The result.
    /// - Throws: The errors of `ServiceLimits.checkBacklog`; after any other error, the outcome is unknown.
    func redeliver(
        _ id: DeliveryID, account: AccountID, as new: DeliveryID, limits: ServiceLimits
    ) async throws -> Delivery.RedeliveryResult

    /// Leases due deliveries of webhooks whose gate is open.
    ///
    /// Accounts take turns, and so do the webhooks of an account; a webhook's deliveries are leased oldest first. A
    /// delivery with an ordering key waits for earlier ones with the same webhook and key. A delivery that the worker
    /// has no room for, by ``ClaimRequest/Allowance``, does not block others.
    ///
    /// Before that and in the same commit, each running replay that is due creates its next redeliveries, oldest first
    /// and at most ``Replay/allowance(now:)``. A replay whose webhook was deleted is cancelled.
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
    ///   ``Delivery/SettleResult/fenced`` and writes nothing. If the call would have to wait for an account but must not,
    ///   the attempts of that account get ``Delivery/SettleResult/busy``, and the others are stored.
    /// - Throws: Any error; the outcome is then unknown.
    func settle(
        _ settlements: [Settlement], rules: DeliveryRules, mayWait: Bool
    ) async throws -> [Delivery.SettleResult]

    /// Releases unsent deliveries with ``Delivery/release(_:now:)``.
    ///
    /// - Parameters:
    ///   - releases: The deliveries; those whose lease has passed to another worker are ignored.
    ///   - mayWait: Whether the call may wait for an account that another transaction has locked.
    /// - Returns: The releases that would have had to wait; the caller must repeat them.
    /// - Throws: Any error; the outcome is then unknown.
    func release(_ releases: [Release], mayWait: Bool) async throws -> [Release]

    /// Listens until the task is cancelled for deliveries that other processes create, so that a dispatcher need not
    /// wait for its next poll.
    ///
    /// A store without signals returns immediately, which is the default.
    ///
    /// - Parameter wake: Called whenever a delivery of another process may be due, and whenever a signal may have been
    ///   missed, for example after a connection was lost.
    func listen(_ wake: @escaping @Sendable () -> Void) async
}

extension DeliveryQueue {
    /// Stores finished attempts, and waits for accounts that other transactions have locked.
    ///
    /// - Parameters:
    ///   - settlements: The attempts.
    ///   - rules: The host's delivery rules.
    /// - Returns: One result for each attempt, in order.
    /// - Throws: Any error; the outcome is then unknown.
    public func settle(_ settlements: [Settlement], rules: DeliveryRules) async throws -> [Delivery.SettleResult] {
        try await settle(settlements, rules: rules, mayWait: true)
    }

    /// Releases unsent deliveries, and waits for accounts that other transactions have locked.
    ///
    /// - Parameter releases: The deliveries; those whose lease has passed to another worker are ignored.
    /// - Throws: Any error; the outcome is then unknown.
    public func release(_ releases: [Release]) async throws { _ = try await release(releases, mayWait: true) }

    /// Returns immediately: the store has no signals.
    ///
    /// - Parameter wake: Not called.
    public func listen(_ wake: @escaping @Sendable () -> Void) async {}
}
