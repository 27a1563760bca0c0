public import WebhookEvents
public import WebhookRetries

extension WebhookService {
    /// The result of an endpoint test.
    public struct TestReport: Sendable, Hashable {
        /// The delivery.
        public let deliveryID: DeliveryID
        /// The event that was sent.
        public let eventID: EventID
        /// The attempt, with its status, failure and duration.
        public let attempt: Attempt
        /// The kind of outcome.
        public let outcome: AttemptOutcome.Kind

        /// Whether the endpoint accepted the event.
        public var isSuccess: Bool { outcome == .success }
    }
}
