package import WebhookDelivery
package import WebhookEvents

/// What a store has found of one webhook, for a claim.
package struct WebhookCandidates: Sendable {
    /// An open delivery that is due, and how large its body is.
    package struct Candidate: Sendable {
        package let delivery: Delivery
        package let bytes: Int

        package init(delivery: Delivery, bytes: Int) {
            self.delivery = delivery
            self.bytes = bytes
        }
    }

    /// The webhook, as the commit before left it.
    package let webhook: Webhook
    /// How many of its deliveries are leased, and when the first of these leases ends.
    package let leased: Int
    package let nextLeaseEnd: Timestamp?
    /// Those that were never attempted, and those that were; the one that is due longest comes first.
    package let firsts: [Candidate]
    package let retries: [Candidate]
    /// Whether more of either kind may be due than was looked at.
    package let hasMoreFirsts: Bool
    package let hasMoreRetries: Bool
    /// When the first delivery that is not due yet will be; the end of a lease counts.
    package let nextDue: Timestamp?

    package init(
        webhook: Webhook, leased: Int, nextLeaseEnd: Timestamp?, firsts: [Candidate], retries: [Candidate],
        hasMoreFirsts: Bool, hasMoreRetries: Bool, nextDue: Timestamp?
    ) {
        self.webhook = webhook
        self.leased = leased
        self.nextLeaseEnd = nextLeaseEnd
        self.firsts = firsts
        self.retries = retries
        self.hasMoreFirsts = hasMoreFirsts
        self.hasMoreRetries = hasMoreRetries
        self.nextDue = nextDue
    }
}

/// What a store has found of one account, for a claim.
package struct AccountCandidates: Sendable {
    package let account: AccountID
    /// How many of its deliveries are leased, and when the first of these leases ends.
    package let leased: Int
    package let nextLeaseEnd: Timestamp?
    /// Whether some of its webhooks could not be read: a worker with another key or a later version can, perhaps.
    package let hasUnreadable: Bool
    /// Its active webhooks with open deliveries; the one that was served longest ago comes first.
    package let webhooks: [WebhookCandidates]

    package init(
        account: AccountID, leased: Int, nextLeaseEnd: Timestamp?, hasUnreadable: Bool, webhooks: [WebhookCandidates]
    ) {
        self.account = account
        self.hasUnreadable = hasUnreadable
        self.leased = leased
        self.nextLeaseEnd = nextLeaseEnd
        self.webhooks = webhooks
    }
}

/// What a claim leaves behind of one account: when a claim is to look at it again.
package struct AccountTurn: Sendable, Hashable {
    package let account: AccountID
    /// When to look again; `nil` when there is nothing to wait for.
    package let dueAt: Timestamp?
    /// Whether something due waits for a lease to end: a report may make room for it.
    package let isFull: Bool
    /// Whether it had its turn; one that there was no room for keeps its place.
    package let wasServed: Bool
}
