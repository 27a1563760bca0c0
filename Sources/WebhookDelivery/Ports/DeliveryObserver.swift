public import WebhookEvents
public import WebhookRetries

/// Receives a notification of everything that the engine does, for logs, metrics and progress bars.
///
/// While the dispatcher runs, a separate task calls the observer, so a slow observer delays no delivery. When 10 000
/// notifications are waiting, further ones are dropped and counted.
public protocol DeliveryObserver: Sendable {
    /// Handles a notification.
    ///
    /// - Parameter occurrence: The notification.
    func observe(_ occurrence: DeliveryNotification)
}

/// A notification for an observer.
@nonexhaustive
public enum DeliveryNotification: Sendable {
    /// An event was stored, or the same event was stored before.
    case published(PublishReceipt, type: EventType)
    /// A request is about to be sent; the trace is that of the event's publication.
    case attemptStarted(Delivery, trace: EventPublication.TraceContext?)
    /// An attempt ended, with this decision about its delivery; the report is not stored yet.
    case attempted(Delivery, Attempt, RetryDecision, trace: EventPublication.TraceContext?)
    /// Deliveries of a webhook fail; the grade says how close the webhook is to being stopped.
    case webhookFailing(WebhookID, Webhook.FailureGrade)
    /// A webhook accepts events again after a warning.
    case webhookRecovered(WebhookID)
    /// A webhook was stopped, after too many failures, because its endpoint is gone, or because it asked for that.
    case webhookStopped(WebhookID, Webhook.Status)
    /// A webhook exhausted its daily quota; its other deliveries wait until the next day.
    case quotaExhausted(WebhookID)
    /// A webhook's secrets changed.
    case secretsChanged(WebhookID)
    /// A delivery was rejected because too many of its leases expired: workers crashed or stopped responding.
    case rejected(DeliveryID)
    /// A report was rejected because another worker has claimed the delivery or the delivery was cancelled.
    case fenced(Lease)
    /// A report was set aside because the store kept refusing it while accepting others.
    ///
    /// Check the store. The delivery is claimed again when its lease expires, so its event may be sent twice. The text
    /// is the store's error.
    case reportDiscarded(Lease, String)
    /// Deliveries were released unsent: their claims were too old, their webhook was stopped, or the sender lacked
    /// resources.
    case released(Int)
    /// The sender lacked resources, such as connections or a working resolver; deliveries wait and lose no attempt.
    ///
    /// While the fault persists, it is reported once a minute for each kind.
    case senderFault(TransportFailure)
    /// A call of the store failed; the engine waits and retries.
    case storeUnavailable(String)
    /// This many notifications were dropped because the observer was too slow.
    case notificationsDropped(Int)
}
