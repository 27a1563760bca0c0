public import WebhookEvents

extension Replay {
    /// A preview of a replay.
    public struct Preview: Sendable, Hashable {
        /// How many deliveries match.
        public let count: Int
        /// How long the replay would take at the given rate.
        public let duration: Duration
    }
}

extension WebhookService {
    /// The default number of deliveries that a replay creates per second.
    public static let defaultReplayRate = 10

    /// Returns the size and duration of a replay without starting it.
    ///
    /// - Parameters:
    ///   - filter: The deliveries to send again.
    ///   - account: The account that must own them.
    ///   - perSecond: How many deliveries to create per second.
    /// - Returns: The preview; `nil` when the account has no such webhook.
    /// - Throws: `LimitError`, with the time to retry, if too many scans of histories are running; errors of the store.
    public func previewReplay(
        _ filter: Replay.Filter, account: AccountID, perSecond: Int = defaultReplayRate
    ) async throws -> Replay.Preview? {
        guard try await webhook(filter.webhookID, account: account) != nil else { return nil }
        let count = try await scans.run(for: account, orThrow: busy) {
            try await store.count(filter, account: account)
        }
        return Replay.Preview(count: count, duration: .seconds(1) * count / max(1, perSecond))
    }

    /// Starts a replay, which sends all matching deliveries again, as new deliveries and at the given rate.
    ///
    /// When this returns, the replay is stored. It no longer depends on this process, because any worker advances it.
    ///
    /// - Parameters:
    ///   - filter: The deliveries to send again, except those whose event was delivered since or is about to be.
    ///   - account: The account that must own them.
    ///   - perSecond: How many deliveries to create per second.
    /// - Returns: The replay, or `nil` when the account has no such webhook.
    /// - Throws: `LimitError`, with the time to retry, if too many replays of the account or scans of histories are
    ///   running; errors of the store.
    public func replay(
        _ filter: Replay.Filter, account: AccountID, perSecond: Int = defaultReplayRate
    ) async throws -> Replay? {
        guard let preview = try await previewReplay(filter, account: account, perSecond: perSecond) else {
            return nil
        }
        let now = clock.now
        let replay = Replay(
            id: ReplayID(prefix: "job_", now: now, entropy: entropy()), accountID: account, filter: filter,
            perSecond: perSecond, total: preview.count, nextAt: Timestamp(microseconds: .min))
        try await store.start(replay, limits: limits)
        dispatcher.wake()
        return replay
    }

    /// Returns a replay.
    ///
    /// - Parameters:
    ///   - id: The replay.
    ///   - account: The account that must own it.
    /// - Returns: The replay, or `nil` when the account has no such replay.
    /// - Throws: Errors of the store.
    public func replay(_ id: ReplayID, account: AccountID) async throws -> Replay? {
        try await store.replay(id, account: account)
    }

    /// Returns the replays of an account, the latest first: all that run, and the 100 that were started last.
    ///
    /// - Parameters:
    ///   - account: The account.
    ///   - before: The last replay of the previous page; `nil` for the first page.
    ///   - limit: The most replays to return.
    /// - Returns: The replays.
    /// - Throws: Errors of the store.
    public func replays(
        of account: AccountID, before: ReplayID? = nil, limit: Int = 25
    ) async throws -> [Replay] {
        try await store.replays(of: account, before: before, limit: limit)
    }

    /// Cancels a replay; the deliveries that it has created are still sent.
    ///
    /// - Parameters:
    ///   - id: The replay.
    ///   - account: The account that must own it.
    /// - Returns: The replay, or `nil` when the account has no such replay.
    /// - Throws: Errors of the store.
    public func cancelReplay(_ id: ReplayID, account: AccountID) async throws -> Replay? {
        try await store.cancelReplay(id, account: account)
    }
}
