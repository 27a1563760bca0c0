public import WebhookEvents

/// The role of a store that answers queries about the past and removes it.
public protocol DeliveryArchive: Sendable {
    /// Returns an event, without its bytes.
    ///
    /// - Parameters:
    ///   - id: The event.
    ///   - account: The account that must own it.
    /// - Returns: The event, or `nil` when the account has no such event.
    /// - Throws: Any error; the outcome is then unknown.
    func event(_ id: EventID, account: AccountID) async throws -> StoredEvent?

    /// Returns a delivery with its attempts, including the bodies of responses.
    ///
    /// - Parameters:
    ///   - id: The delivery.
    ///   - account: The account that must own it.
    /// - Returns: The delivery, or `nil` when the account has no such delivery.
    /// - Throws: Any error; the outcome is then unknown.
    func delivery(_ id: DeliveryID, account: AccountID) async throws -> Delivery.History?

    /// Returns an account's deliveries with their attempts, without the bodies of responses, newest first.
    ///
    /// - Parameter query: The deliveries to return.
    /// - Returns: The deliveries.
    /// - Throws: Any error; the outcome is then unknown.
    func deliveries(_ query: Delivery.Query) async throws -> [Delivery.History]

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
        of webhook: WebhookID, account: AccountID, over window: DeliveryStatistics.Window
    ) async throws -> DeliveryStatistics

    /// Counts deliveries by status.
    ///
    /// - Parameter account: The account, or `nil` for all.
    /// - Returns: The counts.
    /// - Throws: Any error; the outcome is then unknown.
    func deliveryCounts(of account: AccountID?) async throws -> DeliveryCounts

    /// Removes events whose deliveries all finished before a time, with deliveries and attempts, oldest first.
    ///
    /// - Parameters:
    ///   - before: The time.
    ///   - limit: The most events to remove.
    /// - Returns: How many events were removed; fewer than `limit` when none is left.
    /// - Throws: Any error; the outcome is then unknown.
    func prune(before: Timestamp, limit: Int) async throws -> Int

    /// Removes the bodies of responses to attempts that started before a time, oldest first.
    ///
    /// - Parameters:
    ///   - before: The time.
    ///   - limit: The most bodies to remove.
    /// - Returns: How many bodies were removed; fewer than `limit` when none is left.
    /// - Throws: Any error; the outcome is then unknown.
    func removeResponseBodies(before: Timestamp, limit: Int) async throws -> Int

    /// Removes the events, deliveries, attempts and replays of an account whose webhooks are already deleted.
    ///
    /// - Parameters:
    ///   - account: The account.
    ///   - limit: The most events to remove.
    /// - Returns: How many events were removed; fewer than `limit` when none is left.
    /// - Throws: Any error; the outcome is then unknown.
    func erase(_ account: AccountID, limit: Int) async throws -> Int
}
