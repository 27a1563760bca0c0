public import WebhookEvents
public import WebhookRetries

/// What came of a test of an endpoint.
public struct TestReport: Sendable, Hashable {
    /// The delivery.
    public let delivery: DeliveryID
    /// The event that was sent.
    public let event: EventID
    /// The attempt: its status, what went wrong, how long it took.
    public let attempt: Attempt
    /// What its outcome means.
    public let outcome: OutcomeKind

    /// Whether the endpoint accepted the event.
    public var isSuccess: Bool { outcome == .success }
}
