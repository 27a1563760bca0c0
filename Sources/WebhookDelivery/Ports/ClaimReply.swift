public import WebhookEvents
public import WebhookSigning

/// A store's reply to a claim.
public struct ClaimReply: Sendable {
    /// The claimed deliveries.
    public var deliveries: [ClaimedDelivery]
    /// The deliveries that were due but are rejected now, because too many of their leases expired.
    public var rejected: [DeliveryID] = []
    /// The webhooks whose daily quota this claim exhausted.
    public var quotaExhausted: [WebhookID] = []
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
    /// The trace that the event was published with.
    public let trace: EventPublication.TraceContext?

    /// Creates a claimed delivery.
    ///
    /// - Parameters:
    ///   - lease: The lease.
    ///   - delivery: The delivery.
    ///   - webhook: The current webhook.
    ///   - pace: How quickly the webhook's endpoint responds, as the claim counted it.
    ///   - secrets: The webhook's secrets.
    ///   - body: The event's bytes.
    ///   - trace: The trace that the event was published with.
    public init(
        lease: Lease, delivery: Delivery, webhook: Webhook, pace: Webhook.EndpointPace.Class, secrets: SecretRotation,
        body: [UInt8], trace: EventPublication.TraceContext? = nil
    ) {
        self.lease = lease
        self.delivery = delivery
        self.webhook = webhook
        self.pace = pace
        self.secrets = secrets
        self.body = body
        self.trace = trace
    }
}

extension ClaimedDelivery {
    /// How much of its worker the delivery uses.
    public var size: ClaimRequest.Allowance.Size {
        ClaimRequest.Allowance.Size(
            accountID: delivery.accountID, bytes: body.count, pace: pace, isRetry: delivery.isRetry)
    }
}
