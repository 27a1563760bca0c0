public import WebhookEvents

/// What a recovery would do.
public struct RecoveryPreview: Sendable, Hashable {
    /// How many deliveries match.
    public let count: Int
    /// How long it would take at the given rate.
    public let duration: Duration
}

extension WebhookService {
    /// How many deliveries a recovery makes a second unless said otherwise.
    public static let standardRecoveryRate = 10

    /// Says what a recovery would do, and does nothing.
    ///
    /// - Parameters:
    ///   - filter: Which deliveries.
    ///   - perSecond: How many a second.
    ///   - account: The account that they must belong to.
    /// - Returns: How many there are, and how long it would take; `nil` when the account has no such webhook.
    /// - Throws: `LimitError`, with the time to try again, when too many histories are being read; what the store throws.
    public func previewRecovery(
        _ filter: RecoveryFilter, perSecond: Int = standardRecoveryRate, account: AccountID
    ) async throws -> RecoveryPreview? {
        guard try await webhook(filter.webhook, account: account) != nil else { return nil }
        let count = try await scans.run(for: account, orThrow: busy) {
            try await store.count(filter, account: account)
        }
        return RecoveryPreview(count: count, duration: .seconds(1) * count / max(1, perSecond))
    }

    /// Sends all matching deliveries again, as new ones, at a chosen rate.
    ///
    /// It is in the store when this returns, and goes on whatever happens to this process: any running worker moves it on.
    ///
    /// - Parameters:
    ///   - filter: Which deliveries; those whose event has arrived since, or is on its way, are left out.
    ///   - perSecond: How many a second.
    ///   - account: The account that they must belong to.
    /// - Returns: The recovery, or `nil` when the account has no such webhook.
    /// - Throws: `LimitError`, with the time to try again, when the account runs as many recoveries as it may, or when too many
    ///   histories are being read; what the store throws.
    public func recover(
        _ filter: RecoveryFilter, perSecond: Int = standardRecoveryRate, account: AccountID
    ) async throws -> Recovery? {
        guard let preview = try await previewRecovery(filter, perSecond: perSecond, account: account) else {
            return nil
        }
        let now = clock.now
        let recovery = Recovery(
            id: RecoveryID(prefix: "job_", at: now, entropy: entropy()), account: account, filter: filter,
            perSecond: perSecond, total: preview.count, nextAt: Timestamp(microseconds: .min))
        try await store.start(recovery, limits: limits)
        dispatcher.wake()
        return recovery
    }

    /// Where a recovery stands.
    ///
    /// - Parameters:
    ///   - id: The recovery.
    ///   - account: The account that it must belong to.
    /// - Returns: The recovery, or `nil` when the account has none of this name.
    /// - Throws: What the store throws.
    public func recovery(_ id: RecoveryID, account: AccountID) async throws -> Recovery? {
        try await store.recovery(id, account: account)
    }

    /// Ends a recovery; what it has made already is sent nevertheless.
    ///
    /// - Parameters:
    ///   - id: The recovery.
    ///   - account: The account that it must belong to.
    /// - Returns: The recovery, or `nil` when the account has none of this name.
    /// - Throws: What the store throws.
    public func cancelRecovery(_ id: RecoveryID, account: AccountID) async throws -> Recovery? {
        try await store.cancelRecovery(id, account: account)
    }
}

extension WebhookService {
    /// How many events one step of ``prune(olderThan:)`` and ``erase(_:)`` removes: a short transaction.
    static let removalBatch = 200

    /// Removes events whose deliveries were all over this long ago, with their deliveries and attempts, in small steps.
    ///
    /// Publishing such an event again would deliver it again. Run it now and then, for example daily.
    ///
    /// - Parameter age: How long a finished event is kept.
    /// - Returns: How many events were removed.
    /// - Throws: What the store throws; what was removed until then stays removed.
    @discardableResult
    public func prune(olderThan age: Duration) async throws -> Int {
        let before = clock.now - age
        return try await removeInSteps { try await store.prune(before: before, limit: Self.removalBatch) }
    }

    /// Removes everything of an account, in small steps: webhooks, events, deliveries, attempts, recoveries.
    ///
    /// - Parameter account: The account.
    /// - Returns: How many events were removed.
    /// - Throws: What the store throws; what was removed until then stays removed.
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
