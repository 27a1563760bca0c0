internal import WebhookDelivery

/// Whose turn it is: accounts one after the other, and within an account its webhooks one after the other.
///
/// Accounts and webhooks are numbers, from 0 on: a turn costs no look-up by name.
struct Turns: Sendable {
    private struct Account: Sendable {
        var webhooks = TurnQueue<Int>()
        var isQueued = false
    }

    private var queue = TurnQueue<Int>()
    private var accounts: [Account] = []
    private var isWebhookQueued: [Bool] = []

    /// A webhook may have something to do; one that is queued already keeps its place.
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

    /// A webhook is gone; its number may come back as another's.
    mutating func remove(_ webhook: Int, of account: Int) {
        guard webhook < isWebhookQueued.count, isWebhookQueued[webhook] else { return }
        isWebhookQueued[webhook] = false
        accounts[account].webhooks.remove { $0 == webhook }
    }

    /// An account that was passed over may be served again.
    mutating func reopen(_ account: Int) {
        guard account < accounts.count, !accounts[account].isQueued, !accounts[account].webhooks.isEmpty else { return }
        accounts[account].isQueued = true
        queue.append(account)
    }

    /// Takes out the webhook whose turn it is.
    ///
    /// An account that has all that it may have leaves the queue until it is reopened.
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
