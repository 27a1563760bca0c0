public import WebhookDelivery
public import WebhookEvents

/// The due deliveries of one webhook that a store has read for a claim.
public struct WebhookCandidates: Sendable {
    /// A due delivery, and the length of its body.
    public struct Candidate: Sendable {
        /// The delivery.
        public let delivery: Delivery
        /// The length of its event's body.
        public let bytes: Int

        /// Creates a candidate.
        ///
        /// - Parameters:
        ///   - delivery: The delivery.
        ///   - bytes: The length of its event's body.
        public init(delivery: Delivery, bytes: Int) {
            self.delivery = delivery
            self.bytes = bytes
        }
    }

    /// The webhook, as of the previous commit.
    public let webhook: Webhook
    /// How many of its deliveries are leased.
    public let leased: Int
    /// When the first of these leases ends.
    public let nextLeaseEnd: Timestamp?
    /// The first attempts; the one that is due longest comes first.
    public let firsts: [Candidate]
    /// The retries, in the same order.
    public let retries: [Candidate]
    /// Whether more first attempts may be due than were read.
    public let hasMoreFirsts: Bool
    /// Whether more retries may be due than were read.
    public let hasMoreRetries: Bool
    /// When the next delivery that is not due yet will be, including the ends of leases.
    public let nextDue: Timestamp?

    /// Creates the candidates of a webhook.
    ///
    /// - Parameters:
    ///   - webhook: The webhook, as of the previous commit.
    ///   - leased: How many of its deliveries are leased.
    ///   - nextLeaseEnd: When the first of these leases ends.
    ///   - firsts: The first attempts; the one that is due longest comes first.
    ///   - retries: The retries, in the same order.
    ///   - hasMoreFirsts: Whether more first attempts may be due than were read.
    ///   - hasMoreRetries: Whether more retries may be due than were read.
    ///   - nextDue: When the next delivery that is not due yet will be, including the ends of leases.
    public init(
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
public struct AccountCandidates: Sendable {
    /// The account.
    public let account: AccountID
    /// How many of its deliveries are leased.
    public let leased: Int
    /// When the first of these leases ends.
    public let nextLeaseEnd: Timestamp?
    /// Whether some of its webhooks are unreadable for this worker; one with another key or version may read them.
    public let hasUnreadable: Bool
    /// Its active webhooks with open deliveries; the least recently served comes first.
    public let webhooks: [WebhookCandidates]

    /// Creates the candidates of an account.
    ///
    /// - Parameters:
    ///   - account: The account.
    ///   - leased: How many of its deliveries are leased.
    ///   - nextLeaseEnd: When the first of these leases ends.
    ///   - hasUnreadable: Whether some of its webhooks are unreadable for this worker.
    ///   - webhooks: Its active webhooks with open deliveries; the least recently served comes first.
    public init(
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
public struct AccountTurn: Sendable, Hashable {
    /// The account.
    public let account: AccountID
    /// When to visit the account; `nil` if there is nothing to wait for.
    public let dueAt: Timestamp?
    /// Whether a due delivery waits for a lease to end; a report may end it earlier.
    public let isFull: Bool
    /// Whether the account had its turn; otherwise it keeps its place in the queue.
    public let wasServed: Bool
}
