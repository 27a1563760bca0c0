public import WebhookEvents
public import WebhookRetries

/// Sees everything that the engine does: for logs, metrics and progress bars.
///
/// It is called on the engine's tasks, so it must return at once; a slow sink belongs behind a buffer.
public protocol DeliveryObserver: Sendable {
    /// Something happened.
    ///
    /// - Parameter occurrence: What it was.
    func observe(_ occurrence: DeliveryOccurrence)
}

/// What an observer is told.
@nonexhaustive
public enum DeliveryOccurrence: Sendable {
    /// An event was committed, or found to be there already.
    case published(PublishReceipt, type: EventType)
    /// An attempt ended, and this follows.
    case attempted(Delivery, Attempt, RetryDecision)
    /// A webhook stopped.
    case webhookStopped(WebhookID, Webhook.State)
    /// A delivery is out: workers died again and again while they had it.
    case rejected(DeliveryID)
    /// A report was refused: the delivery's lease had ended and somebody else has it.
    case fenced(Lease)
    /// The store did not answer; the engine waits and tries again.
    case storeUnavailable(String)
}
