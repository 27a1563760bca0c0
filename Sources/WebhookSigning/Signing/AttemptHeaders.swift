package import WebhookEvents
package import WebhookPayload

/// The header fields of one attempt, for the engine and for tests of consumers.
package struct AttemptHeaders: Sendable {
    package let event: EventID
    package let type: EventType
    package let webhook: WebhookID
    package let delivery: DeliveryID
    /// The number of the attempt, counted from 1.
    package let attempt: Int
    package let isTest: Bool

    package init(
        event: EventID, type: EventType, webhook: WebhookID, delivery: DeliveryID, attempt: Int, isTest: Bool = false
    ) {
        self.event = event
        self.type = type
        self.webhook = webhook
        self.delivery = delivery
        self.attempt = attempt
        self.isTest = isTest
    }

    /// Returns the header fields, with signatures for a time.
    package func fields(_ body: Span<UInt8>, signer: WebhookSigner, at moment: Timestamp) -> HeaderFields {
        var headers: HeaderFields = [
            HeaderName.contentType: "application/json",
            HeaderName.userAgent: "TaskFlow-Webhooks/1",
            HeaderName.event: type.rawValue,
            HeaderName.deliveryID: delivery.rawValue,
            HeaderName.deliveryAttempt: String(attempt),
            HeaderName.webhookID: webhook.rawValue,
            HeaderName.idempotencyKey: delivery.rawValue,
        ]
        if isTest { headers.append(HeaderName.test, "true") }
        for field in signer.headers(for: body, id: event, at: moment).fields { headers.append(field.name, field.value) }
        return headers
    }
}
