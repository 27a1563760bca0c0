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
    public static let standardRecoveryRate = 10

    /// Returns the size and duration of a replay without starting it.
    ///
    /// - Parameters:
    ///   - filter: The deliveries to send again.
    ///   - perSecond: How many deliveries to create per second.
    ///   - account: The account that must own them.
    /// - Returns: The preview; `nil` when the account has no such webhook.
    /// - Throws: `LimitError`, with the time to retry, if too many scans of histories are running; errors of the store.
    public func previewRecovery(
        _ filter: Replay.Filter, perSecond: Int = standardRecoveryRate, account: AccountID
    ) async throws -> Replay.Preview? {
        guard try await webhook(filter.webhook, account: account) != nil else { return nil }
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
    ///   - perSecond: How many deliveries to create per second.
    ///   - account: The account that must own them.
    /// - Returns: The replay, or `nil` when the account has no such webhook.
    /// - Throws: `LimitError`, with the time to retry, if too many replays of the account or scans of histories are
    ///   running; errors of the store.
    public func recover(
        _ filter: Replay.Filter, perSecond: Int = standardRecoveryRate, account: AccountID
    ) async throws -> Replay? {
        guard let preview = try await previewRecovery(filter, perSecond: perSecond, account: account) else {
            return nil
        }
        let now = clock.now
        let recovery = Replay(
            id: ReplayID(prefix: "job_", at: now, entropy: entropy()), account: account, filter: filter,
            perSecond: perSecond, total: preview.count, nextAt: Timestamp(microseconds: .min))
        try await store.start(recovery, limits: limits)
        dispatcher.wake()
        return recovery
    }

    /// Returns a replay.
    ///
    /// - Parameters:
    ///   - id: The replay.
    ///   - account: The account that must own it.
    /// - Returns: The replay, or `nil` when the account has no such replay.
    /// - Throws: Errors of the store.
    public func recovery(_ id: ReplayID, account: AccountID) async throws -> Replay? {
        try await store.recovery(id, account: account)
    }

    /// Cancels a replay; the deliveries that it has created are still sent.
    ///
    /// - Parameters:
    ///   - id: The replay.
    ///   - account: The account that must own it.
    /// - Returns: The replay, or `nil` when the account has no such replay.
    /// - Throws: Errors of the store.
    public func cancelRecovery(_ id: ReplayID, account: AccountID) async throws -> Replay? {
        try await store.cancelRecovery(id, account: account)
    }
}

extension WebhookService {
    /// How many events one step of ``prune(olderThan:)`` and ``erase(_:)`` removes, so that its transaction is short.
    static let removalBatch = 200

    /// Removes events whose deliveries all ended this long ago, with deliveries and attempts, in small steps.
    ///
    /// If such an event is published again, it is delivered again. Call this regularly, for example daily.
    ///
    /// - Parameter age: How long an event is kept after its last delivery ended.
    /// - Returns: How many events were removed.
    /// - Throws: Errors of the store; events that were removed before the error stay removed.
    @discardableResult
    public func prune(olderThan age: Duration) async throws -> Int {
        let before = clock.now - age
        return try await removeInSteps { try await store.prune(before: before, limit: Self.removalBatch) }
    }

    /// Removes an account's webhooks, events, deliveries, attempts and replays, in small steps.
    ///
    /// - Parameter account: The account.
    /// - Returns: How many events were removed.
    /// - Throws: Errors of the store; what was removed before the error stays removed.
    @discardableResult
    public func erase(_ account: AccountID) async throws -> Int {
        let webhooks = try await store.webhooks(of: account).map(\.id)
        for webhook in try await webhooks + store.unreadableWebhooks(of: account) {
            _ = try await store.delete(webhook, account: account)
        }
        return try await removeInSteps { try await store.erase(account, limit: Self.removalBatch) }
    }

    private func removeInSteps(_ step: () async throws -> Int) async throws -> Int {
        var total = 0
        while true {
            let count = try await step()
            total += count
            if count < Self.removalBatch { return total }
            try Task.checkCancellation()
        }
    }
}
