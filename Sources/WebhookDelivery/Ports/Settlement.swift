public import WebhookRetries

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
    /// Whether the endpoint asked to stop its webhook.
    public let stopsWebhook: Bool

    /// Creates a settlement.
    ///
    /// - Parameters:
    ///   - lease: The lease of the attempt.
    ///   - attempt: The attempt.
    ///   - outcome: The kind of outcome.
    ///   - decision: The decision about the delivery.
    ///   - retryAfter: The wait that the endpoint asked for with a 429 or 503 response.
    ///   - stopsWebhook: Whether the endpoint asked to stop its webhook.
    public init(
        lease: Lease, attempt: Attempt, outcome: AttemptOutcome.Kind, decision: RetryDecision,
        retryAfter: Duration? = nil, stopsWebhook: Bool = false
    ) {
        self.lease = lease
        self.attempt = attempt
        self.outcome = outcome
        self.decision = decision
        self.retryAfter = retryAfter
        self.stopsWebhook = stopsWebhook
    }
}
