public import WebhookEvents
public import WebhookRetries
public import WebhookSigning

/// What a worker asks a store for.
public struct ClaimRequest: Sendable, Hashable {
    /// How many deliveries of one kind may be taken, and how many bytes their bodies may have.
    public struct Room: Sendable, Hashable {
        /// The most deliveries.
        public var count: Int
        /// The bytes of bodies beyond which no more is taken; the last delivery may go over it.
        public var bytes: Int

        /// Creates room.
        ///
        /// - Parameters:
        ///   - count: The most deliveries.
        ///   - bytes: The most bytes of bodies.
        public init(count: Int, bytes: Int = .max) {
            self.count = count
            self.bytes = bytes
        }

        /// Room without a bound of its own.
        public static let unbounded = Room(count: .max)

        /// Whether there is room for another delivery.
        var isOpen: Bool { count > 0 && bytes > 0 }

        mutating func take(_ size: Int) {
            count -= 1
            bytes = bytes.subtractingReportingOverflow(max(0, size)).partialValue
        }
    }

    /// The most deliveries to take.
    public var count: Int
    /// The most among them that are retries (``Delivery/isRetry``): first attempts have places that retries cannot take.
    public var retries: Int
    /// The most among them to endpoints that are not known to answer soon: see ``EndpointPace``.
    public var untried = Room.unbounded
    /// The most among those to endpoints that are known to be slow.
    public var slow = Room.unbounded
    /// What the worker can hold, and how much of it each account has already.
    public var shares: AccountShares
    /// The accounts that were held when the worker reported something: a store that locks accounts leaves them out.
    ///
    /// Otherwise the claims of several workers, which skip what is locked, would overtake the reports that wait for the lock.
    public var held: Set<AccountID> = []
    /// What the host has decided.
    public var rules: DeliveryRules

    /// Creates a request of a worker that has nothing yet.
    ///
    /// - Parameters:
    ///   - count: The most deliveries to take.
    ///   - retries: The most among them that are retries; as many as `count` without it.
    ///   - bytes: The most bytes of bodies to take; an account gets at most half of what the others leave.
    ///   - rules: What the host has decided.
    public init(count: Int, retries: Int? = nil, bytes: Int = .max, rules: DeliveryRules = DeliveryRules()) {
        self.count = count
        self.retries = retries ?? count
        self.shares = AccountShares(bytes: bytes)
        self.rules = rules
    }
}

/// What a store gives a worker.
public struct ClaimReply: Sendable {
    /// The deliveries that the worker has now.
    public var deliveries: [ClaimedDelivery]
    /// The deliveries that were due but brought too many workers down: they are out.
    public var rejected: [DeliveryID] = []
    /// The webhooks whose day was used up by this claim.
    public var usedUp: [WebhookID] = []
    /// How long until another delivery is due, counted from the store's time of the reply; `nil` when none waits.
    public var nextDueIn: Duration?

    /// Creates a reply.
    ///
    /// - Parameters:
    ///   - deliveries: The deliveries that the worker has now.
    ///   - nextDueIn: How long until another delivery is due.
    public init(deliveries: [ClaimedDelivery], nextDueIn: Duration?) {
        self.deliveries = deliveries
        self.nextDueIn = nextDueIn
    }
}

/// Everything a worker needs for one attempt.
public struct ClaimedDelivery: Sendable {
    /// The right to attempt it.
    public let lease: Lease
    /// The delivery.
    public let delivery: Delivery
    /// Its webhook as it is now.
    public let webhook: Webhook
    /// How soon the webhook's endpoint answers, as the claim counted it.
    public let pace: EndpointPace.Class
    /// The webhook's secrets.
    public let secrets: SecretRotation
    /// The event's exact bytes.
    public let body: [UInt8]

    /// Creates a claimed delivery.
    ///
    /// - Parameters:
    ///   - lease: The right to attempt it.
    ///   - delivery: The delivery.
    ///   - webhook: Its webhook as it is now.
    ///   - pace: How soon the webhook's endpoint answers, as the claim counted it.
    ///   - secrets: The webhook's secrets.
    ///   - body: The event's exact bytes.
    public init(
        lease: Lease, delivery: Delivery, webhook: Webhook, pace: EndpointPace.Class, secrets: SecretRotation,
        body: [UInt8]
    ) {
        self.lease = lease
        self.delivery = delivery
        self.webhook = webhook
        self.pace = pace
        self.secrets = secrets
        self.body = body
    }
}

extension ClaimedDelivery {
    /// What the delivery takes of its worker.
    public var size: ClaimAllowance.Size {
        ClaimAllowance.Size(
            account: delivery.account, bytes: body.count, pace: pace, isRetry: delivery.isRetry)
    }
}

/// A finished attempt and what follows it, to be written in one commit.
public struct Settlement: Sendable, Hashable {
    /// Whose attempt it was.
    public let lease: Lease
    /// The attempt.
    public let attempt: Attempt
    /// What the attempt's outcome means.
    public let outcome: OutcomeKind
    /// What follows.
    public let decision: RetryDecision
    /// How long the endpoint asked the sender to wait, on 429 and 503: it holds back the whole webhook.
    public let retryAfter: Duration?

    /// Creates a settlement.
    ///
    /// - Parameters:
    ///   - lease: Whose attempt it was.
    ///   - attempt: The attempt.
    ///   - outcome: What the attempt's outcome means.
    ///   - decision: What follows.
    ///   - retryAfter: How long the endpoint asked the sender to wait.
    public init(
        lease: Lease, attempt: Attempt, outcome: OutcomeKind, decision: RetryDecision, retryAfter: Duration? = nil
    ) {
        self.lease = lease
        self.attempt = attempt
        self.outcome = outcome
        self.decision = decision
        self.retryAfter = retryAfter
    }
}
