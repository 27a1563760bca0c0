public import WebhookEvents
public import WebhookRetries

/// Sees everything that the engine does: for logs, metrics and progress bars.
///
/// While the dispatcher runs, it is called by one task that does nothing else, so a slow observer holds up no delivery;
/// when 10 000 occurrences wait for it, what comes next is dropped and counted.
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
    /// A request is about to be sent.
    case attemptStarted(Delivery)
    /// An attempt ended, and this follows; the report is on its way to the store.
    case attempted(Delivery, Attempt, RetryDecision)
    /// A webhook fails, and has come this near to being stopped.
    case webhookFailing(WebhookID, FailureGrade)
    /// A webhook accepts events again, after a warning.
    case webhookRecovered(WebhookID)
    /// A webhook stopped, for too many failures or because its endpoint is gone.
    case webhookStopped(WebhookID, Webhook.State)
    /// A webhook's day is used up: its other deliveries wait for the next.
    case quotaReached(WebhookID)
    /// A webhook's secrets changed.
    case secretsChanged(WebhookID)
    /// A delivery is out: workers died again and again while they had it.
    case rejected(DeliveryID)
    /// A report was refused: the delivery's lease had ended and somebody else has it, or it was cancelled.
    case fenced(Lease)
    /// The store refuses a report again and again, and takes others: it is given up. Look into the store.
    ///
    /// The delivery is claimed again when its lease ends, so its event may be sent twice. The text is what the store threw.
    case reportSetAside(Lease, String)
    /// Deliveries were given back unsent: claims took too long, their webhook was stopped, or the sender lacked resources.
    case released(Int)
    /// The sender lacked resources of its own, such as connections or its resolver: deliveries wait, and lose no attempt.
    ///
    /// Reported once a minute for each kind while it goes on.
    case senderFault(TransportFailure)
    /// The store did not answer; the engine waits and tries again.
    case storeUnavailable(String)
    /// The observer was too slow for this many occurrences.
    case missed(Int)
}
