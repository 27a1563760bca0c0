public import WebhookEvents
public import WebhookRetries
public import WebhookSigning

/// A number that rises with every claim of a delivery, so that a store can tell a worker that lost it from its owner.
public struct FencingToken: Sendable, Hashable, Comparable {
    /// The number.
    public let rawValue: Int64

    /// Creates a token from what a store has kept.
    ///
    /// - Parameter rawValue: The number.
    public init(_ rawValue: Int64) { self.rawValue = rawValue }

    /// The token of the next claim.
    public var next: FencingToken { FencingToken(rawValue &+ 1) }

    /// Whether one claim was made before another.
    public static func < (lhs: FencingToken, rhs: FencingToken) -> Bool { lhs.rawValue < rhs.rawValue }
}

/// The right to attempt one delivery, for a while.
public struct Lease: Sendable, Hashable {
    /// The delivery.
    public let delivery: DeliveryID
    /// Its webhook.
    public let webhook: WebhookID
    /// What the store tells its owner by.
    public let token: FencingToken

    /// Creates a lease.
    ///
    /// - Parameters:
    ///   - delivery: The delivery.
    ///   - webhook: Its webhook.
    ///   - token: The token of the claim.
    public init(delivery: DeliveryID, webhook: WebhookID, token: FencingToken) {
        self.delivery = delivery
        self.webhook = webhook
        self.token = token
    }
}

/// What a worker asks a store for.
public struct ClaimRequest: Sendable, Hashable {
    /// The most deliveries to take.
    public var count: Int
    /// The most bytes of bodies to take; the first delivery may be larger.
    public var bytes: Int
    /// The most deliveries of one webhook that may be leased at once, by all workers together.
    public var perWebhook: Int
    /// How much longer than its webhook's timeout a delivery is leased.
    public var leaseMargin: Duration
    /// The most deliveries a webhook gets on one UTC day.
    public var dailyLimit: Int

    /// Creates a request.
    ///
    /// - Parameters:
    ///   - count: The most deliveries to take.
    ///   - bytes: The most bytes of bodies to take.
    ///   - perWebhook: The most deliveries of one webhook that may be leased at once.
    ///   - leaseMargin: How much longer than its webhook's timeout a delivery is leased.
    ///   - dailyLimit: The most deliveries a webhook gets on one UTC day.
    public init(count: Int, bytes: Int, perWebhook: Int, leaseMargin: Duration, dailyLimit: Int) {
        self.count = count
        self.bytes = bytes
        self.perWebhook = perWebhook
        self.leaseMargin = leaseMargin
        self.dailyLimit = dailyLimit
    }
}

/// What a store gives a worker.
public struct ClaimReply: Sendable {
    /// The deliveries that the worker has now.
    public var deliveries: [ClaimedDelivery]
    /// The deliveries that were due but brought too many workers down: they are out.
    public var rejected: [DeliveryID] = []
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
    ///   - secrets: The webhook's secrets.
    ///   - body: The event's exact bytes.
    public init(lease: Lease, delivery: Delivery, webhook: Webhook, secrets: SecretRotation, body: [UInt8]) {
        self.lease = lease
        self.delivery = delivery
        self.webhook = webhook
        self.secrets = secrets
        self.body = body
    }
}

/// A finished attempt and what follows it, to be written in one commit.
public struct Settlement: Sendable, Hashable {
    /// Whose attempt it was.
    public let lease: Lease
    /// The attempt.
    public let attempt: Attempt
    /// What follows.
    public let decision: RetryDecision

    /// Creates a settlement.
    ///
    /// - Parameters:
    ///   - lease: Whose attempt it was.
    ///   - attempt: The attempt.
    ///   - decision: What follows.
    public init(lease: Lease, attempt: Attempt, decision: RetryDecision) {
        self.lease = lease
        self.attempt = attempt
        self.decision = decision
    }
}
