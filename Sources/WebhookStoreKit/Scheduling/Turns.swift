internal import WebhookDelivery

/// The order of turns: accounts take turns, and so do the webhooks of an account.
///
/// Accounts and webhooks are numbers from 0, so that a turn needs no lookup by identifier.
struct Turns: Sendable {
    private struct Account: Sendable {
        var webhooks = TurnQueue<Int>()
        var isQueued = false
    }

    private var queue = TurnQueue<Int>()
    private var accounts: [Account] = []
    private var isWebhookQueued: [Bool] = []

    /// Adds a webhook that may have due deliveries; one that is already queued keeps its place.
    mutating func insert(_ webhook: Int, of account: Int) {
        if webhook >= isWebhookQueued.count {
            isWebhookQueued += repeatElement(false, count: webhook + 1 - isWebhookQueued.count)
        }
        if account >= accounts.count {
            accounts += repeatElement(Account(), count: account + 1 - accounts.count)
        }
        guard !isWebhookQueued[webhook] else { return }
        isWebhookQueued[webhook] = true
        accounts[account].webhooks.append(webhook)
        reopen(account)
    }

    /// Removes a webhook; its number may be reused for another one.
    mutating func remove(_ webhook: Int, of account: Int) {
        guard webhook < isWebhookQueued.count, isWebhookQueued[webhook] else { return }
        isWebhookQueued[webhook] = false
        accounts[account].webhooks.remove { $0 == webhook }
    }

    /// Queues a skipped account again.
    mutating func reopen(_ account: Int) {
        guard account < accounts.count, !accounts[account].isQueued, !accounts[account].webhooks.isEmpty else { return }
        accounts[account].isQueued = true
        queue.append(account)
    }

    /// Removes and returns the webhook whose turn it is.
    ///
    /// A full account leaves the queue until it is reopened.
    mutating func next(isFull: (Int) -> Bool) -> Int? {
        while let account = queue.popFirst() {
            accounts[account].isQueued = false
            guard !isFull(account), let webhook = accounts[account].webhooks.popFirst() else { continue }
            isWebhookQueued[webhook] = false
            reopen(account)
            return webhook
        }
        return nil
    }
}
