public import WebhookEvents

extension WebhookService {
    /// How many events one step of ``prune(olderThan:)`` and ``erase(_:)`` removes, so that its transaction is short.
    static let removalBatch = 200

    /// Removes events whose deliveries all ended this long ago, with deliveries and attempts, in small steps.
    ///
    /// Webhooks that expired this long ago, or whose endpoints answered 410 this long ago, are deleted.
    /// If such an event is published again, it is delivered again. Responses' bodies are removed earlier, after
    /// ``Attempt/Recording/bodyLifetime``. Call this regularly, for example daily.
    ///
    /// - Parameter age: How long an event is kept after its last delivery ended.
    /// - Returns: How many events were removed.
    /// - Throws: Errors of the store; events that were removed before the error stay removed.
    @discardableResult
    public func prune(olderThan age: Duration) async throws -> Int {
        let before = clock.now - age
        let bodies = clock.now - min(age, dispatcher.configuration.recording.bodyLifetime)
        _ = try await removeInSteps { try await store.removeResponseBodies(before: bodies, limit: Self.removalBatch) }
        _ = try await removeInSteps {
            var count = 0
            for key in try await store.retiredWebhooks(before: before, limit: Self.removalBatch)
            where try await store.delete(key.webhookID, account: key.accountID) {
                count += 1
            }
            return count
        }
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
