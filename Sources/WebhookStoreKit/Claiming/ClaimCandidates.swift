package import WebhookDelivery
package import WebhookEvents

/// The due deliveries of one webhook that a store has read for a claim.
package struct WebhookCandidates: Sendable {
    /// A due delivery, and the length of its body.
    package struct Candidate: Sendable {
        package let delivery: Delivery
        package let bytes: Int

        package init(delivery: Delivery, bytes: Int) {
            self.delivery = delivery
            self.bytes = bytes
        }
    }

    /// The webhook, as of the previous commit.
    package let webhook: Webhook
    /// How many of its deliveries are leased, and when the first of these leases ends.
    package let leased: Int
    package let nextLeaseEnd: Timestamp?
    /// The first attempts and the retries, each with the longest due first.
    package let firsts: [Candidate]
    package let retries: [Candidate]
    /// Whether more first attempts or retries may be due than were read.
    package let hasMoreFirsts: Bool
    package let hasMoreRetries: Bool
    /// When the next delivery that is not due yet will be, including the ends of leases.
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

/// The due deliveries of one account that a store has read for a claim.
package struct AccountCandidates: Sendable {
    package let account: AccountID
    /// How many of its deliveries are leased, and when the first of these leases ends.
    package let leased: Int
    package let nextLeaseEnd: Timestamp?
    /// Whether some of its webhooks are unreadable for this worker; one with another key or version may read them.
    package let hasUnreadable: Bool
    /// Its active webhooks with open deliveries; the least recently served comes first.
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

/// When a claim must visit an account again.
package struct AccountTurn: Sendable, Hashable {
    package let account: AccountID
    /// When to visit the account; `nil` if there is nothing to wait for.
    package let dueAt: Timestamp?
    /// Whether a due delivery waits for a lease to end; a report may end it earlier.
    package let isFull: Bool
    /// Whether the account had its turn; otherwise it keeps its place in the queue.
    package let wasServed: Bool
}
