internal import WebhookEvents

/// Whose turn it is: accounts one after the other, and within an account its webhooks one after the other.
struct Turns: Sendable {
    private var accounts = TurnQueue<AccountID>()
    private var queuedAccounts: Set<AccountID> = []
    private var webhooks: [AccountID: TurnQueue<WebhookID>] = [:]
    private var queuedWebhooks: Set<WebhookID> = []

    /// A webhook may have something to do; one that is queued already keeps its place.
    mutating func insert(_ webhook: WebhookID, of account: AccountID) {
        guard queuedWebhooks.insert(webhook).inserted else { return }
        webhooks[account, default: TurnQueue()].append(webhook)
        reopen(account)
    }

    /// An account that was passed over may be served again.
    mutating func reopen(_ account: AccountID) {
        guard webhooks[account] != nil, queuedAccounts.insert(account).inserted else { return }
        accounts.append(account)
    }

    /// Takes out the webhook whose turn it is.
    ///
    /// An account that has all that it may have leaves the queue until it is reopened.
    mutating func next(isFull: (AccountID) -> Bool) -> WebhookID? {
        while let account = accounts.popFirst() {
            queuedAccounts.remove(account)
            guard !isFull(account), var queue = webhooks[account], let webhook = queue.popFirst() else { continue }
            queuedWebhooks.remove(webhook)
            webhooks[account] = queue.isEmpty ? nil : queue
            reopen(account)
            return webhook
        }
        return nil
    }

    var isEmpty: Bool { accounts.isEmpty }
}
