package import WebhookEvents
package import WebhookPayload

/// The header fields of one attempt, for the engine and for tests of consumers.
package struct AttemptHeaders: Sendable {
    package let eventID: EventID
    package let type: EventType
    package let webhookID: WebhookID
    package let deliveryID: DeliveryID
    /// The number of the attempt, counted from 1.
    package let attempt: Int
    package let isTest: Bool

    package init(
        eventID: EventID, type: EventType, webhookID: WebhookID, deliveryID: DeliveryID, attempt: Int,
        isTest: Bool = false
    ) {
        self.eventID = eventID
        self.type = type
        self.webhookID = webhookID
        self.deliveryID = deliveryID
        self.attempt = attempt
        self.isTest = isTest
    }

    /// Returns the header fields, with signatures for a time.
    package func fields(_ body: Span<UInt8>, signer: WebhookSigner, at moment: Timestamp) -> HeaderFields {
        var headers: HeaderFields = [
            HeaderName.contentType: "application/json",
            HeaderName.userAgent: "TaskFlow-Webhooks/1",
            HeaderName.event: type.rawValue,
            HeaderName.deliveryID: deliveryID.rawValue,
            HeaderName.deliveryAttempt: String(attempt),
            HeaderName.webhookID: webhookID.rawValue,
            HeaderName.idempotencyKey: deliveryID.rawValue,
        ]
        if isTest { headers.append(HeaderName.test, "true") }
        for field in signer.headers(for: body, id: eventID, at: moment).lines {
            headers.append(field.name, field.value)
        }
        return headers
    }
}
