public import WebhookEvents
public import WebhookLimits

/// The role of a store that keeps the progress of replays.
public protocol ReplayStore: Sendable {
    /// Counts the deliveries that a replay would send again.
    ///
    /// - Parameters:
    ///   - filter: The deliveries to count.
    ///   - account: The account that must own them.
    /// - Returns: How many match and have not been delivered since: see ``Replay/Filter/matches(_:)``.
    /// - Throws: Any error; the outcome is then unknown.
    func count(_ filter: Replay.Filter, account: AccountID) async throws -> Int

    /// Stores a replay, which ``claim(_:)`` then advances.
    ///
    /// Storing the same replay again changes nothing. The store keeps an account's running replays and, of the ended
    /// ones, the 100 that were started last.
    ///
    /// - Parameters:
    ///   - replay: The replay.
    ///   - limits: How many replays of the account may run at the same time.
    /// - Throws: The errors of `ServiceLimits.checkReplays`; after any other error, the outcome is unknown.
    func start(_ replay: Replay, limits: ServiceLimits) async throws

    /// Returns a replay.
    ///
    /// - Parameters:
    ///   - id: The replay.
    ///   - account: The account that must own it.
    /// - Returns: The replay, or `nil` when the account has no such replay.
    /// - Throws: Any error; the outcome is then unknown.
    func replay(_ id: ReplayID, account: AccountID) async throws -> Replay?

    /// Returns the replays of an account, the latest first.
    ///
    /// - Parameters:
    ///   - account: The account.
    ///   - before: The last replay of the previous page; `nil` for the first page.
    ///   - limit: The most replays to return.
    /// - Returns: The replays.
    /// - Throws: Any error; the outcome is then unknown.
    func replays(of account: AccountID, before: ReplayID?, limit: Int) async throws -> [Replay]

    /// Cancels a replay.
    ///
    /// - Parameters:
    ///   - id: The replay.
    ///   - account: The account that must own it.
    /// - Returns: The replay, or `nil` when the account has no such replay.
    /// - Throws: Any error; the outcome is then unknown.
    func cancelReplay(_ id: ReplayID, account: AccountID) async throws -> Replay?
}
