public import WebhookEvents
public import WebhookRetries
public import WebhookSigning

/// A worker's request for deliveries.
public struct ClaimRequest: Sendable, Hashable {
    /// Room for deliveries: their number, and the bytes of their bodies.
    public struct Room: Sendable, Hashable {
        /// The maximum number of deliveries.
        public var count: Int
        /// The bytes of bodies after which nothing more is claimed; the last delivery may exceed them.
        public var bytes: Int

        /// Creates room.
        ///
        /// - Parameters:
        ///   - count: The maximum number of deliveries.
        ///   - bytes: The bytes of bodies after which nothing more is claimed.
        public init(count: Int, bytes: Int = .max) {
            self.count = count
            self.bytes = bytes
        }

        /// Room without a limit.
        public static let unbounded = Room(count: .max)

        /// Whether there is room for another delivery.
        var isOpen: Bool { count > 0 && bytes > 0 }

        mutating func take(_ size: Int) {
            count -= 1
            bytes = bytes.subtractingReportingOverflow(max(0, size)).partialValue
        }
    }

    /// The maximum number of deliveries to claim.
    public var count: Int
    /// How many of them may be retries (``Delivery/isRetry``); the other places are reserved for first attempts.
    public var retries: Int
    /// How many of them may go to endpoints that are not known to respond quickly: see ``Webhook/Webhook.EndpointPace``.
    public var untried = Room.unbounded
    /// How many of those may go to endpoints that are known to be slow.
    public var slow = Room.unbounded
    /// The worker's capacity, and how much of it each account uses already.
    public var shares: ClaimRequest.AccountShares
    /// The accounts that were locked when the worker last reported; a store with account locks skips them.
    ///
    /// Otherwise the claims of several workers, which skip locks, would overtake the reports that wait for them.
    public var held: Set<AccountID> = []
    /// The host's delivery rules.
    public var rules: DeliveryRules

    /// Creates a request of a worker with nothing in flight.
    ///
    /// - Parameters:
    ///   - count: The maximum number of deliveries to claim.
    ///   - retries: How many of them may be retries; `count` by default.
    ///   - bytes: The bytes of bodies to claim at most; an account gets at most half of what the others leave.
    ///   - rules: The host's delivery rules.
    public init(count: Int, retries: Int? = nil, bytes: Int = .max, rules: DeliveryRules = DeliveryRules()) {
        self.count = count
        self.retries = retries ?? count
        self.shares = ClaimRequest.AccountShares(bytes: bytes)
        self.rules = rules
    }
}

/// A store's reply to a claim.
public struct ClaimReply: Sendable {
    /// The claimed deliveries.
    public var deliveries: [ClaimedDelivery]
    /// The deliveries that were due but are rejected now, because too many of their leases expired.
    public var rejected: [DeliveryID] = []
    /// The webhooks whose daily quota this claim exhausted.
    public var usedUp: [WebhookID] = []
    /// How long after the reply the next delivery is due, by the store's clock; `nil` when none is waiting.
    public var nextDueIn: Duration?

    /// Creates a reply.
    ///
    /// - Parameters:
    ///   - deliveries: The claimed deliveries.
    ///   - nextDueIn: How long after the reply the next delivery is due.
    public init(deliveries: [ClaimedDelivery], nextDueIn: Duration?) {
        self.deliveries = deliveries
        self.nextDueIn = nextDueIn
    }
}

/// A claimed delivery with everything that a worker needs for one attempt.
public struct ClaimedDelivery: Sendable {
    /// The lease.
    public let lease: Lease
    /// The delivery.
    public let delivery: Delivery
    /// The current webhook.
    public let webhook: Webhook
    /// How quickly the webhook's endpoint responds, as the claim counted it.
    public let pace: Webhook.EndpointPace.Class
    /// The webhook's secrets.
    public let secrets: SecretRotation
    /// The event's bytes.
    public let body: [UInt8]

    /// Creates a claimed delivery.
    ///
    /// - Parameters:
    ///   - lease: The lease.
    ///   - delivery: The delivery.
    ///   - webhook: The current webhook.
    ///   - pace: How quickly the webhook's endpoint responds, as the claim counted it.
    ///   - secrets: The webhook's secrets.
    ///   - body: The event's bytes.
    public init(
        lease: Lease, delivery: Delivery, webhook: Webhook, pace: Webhook.EndpointPace.Class, secrets: SecretRotation,
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
    /// How much of its worker the delivery uses.
    public var size: ClaimRequest.Allowance.Size {
        ClaimRequest.Allowance.Size(
            account: delivery.account, bytes: body.count, pace: pace, isRetry: delivery.isRetry)
    }
}

/// A finished attempt and the decision about its delivery, for the store to write in one commit.
public struct Settlement: Sendable, Hashable {
    /// The lease of the attempt.
    public let lease: Lease
    /// The attempt.
    public let attempt: Attempt
    /// The kind of outcome.
    public let outcome: AttemptOutcome.Kind
    /// The decision about the delivery.
    public let decision: RetryDecision
    /// The wait that the endpoint asked for with a 429 or 503 response; it applies to the whole webhook.
    public let retryAfter: Duration?

    /// Creates a settlement.
    ///
    /// - Parameters:
    ///   - lease: The lease of the attempt.
    ///   - attempt: The attempt.
    ///   - outcome: The kind of outcome.
    ///   - decision: The decision about the delivery.
    ///   - retryAfter: The wait that the endpoint asked for with a 429 or 503 response.
    public init(
        lease: Lease, attempt: Attempt, outcome: AttemptOutcome.Kind, decision: RetryDecision,
        retryAfter: Duration? = nil
    ) {
        self.lease = lease
        self.attempt = attempt
        self.outcome = outcome
        self.decision = decision
        self.retryAfter = retryAfter
    }
}
