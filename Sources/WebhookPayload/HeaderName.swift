/// The names of the header fields that TaskFlow sends with every webhook request.
public enum HeaderName {
    /// The media type of the body, always `application/json`.
    public static let contentType = "Content-Type"
    /// The event's type.
    public static let event = "X-TaskFlow-Event"
    /// `sha256=` and the HMAC-SHA256 of the body in lower-case hex.
    public static let signature = "X-TaskFlow-Signature"
    /// Names the delivery; the same on every attempt.
    public static let deliveryID = "X-TaskFlow-Delivery-ID"
    /// Counts the attempts of a delivery from 1.
    public static let deliveryAttempt = "X-TaskFlow-Delivery-Attempt"
    /// Names the webhook.
    public static let webhookID = "X-TaskFlow-Webhook-ID"
    /// `true` on test events, absent otherwise.
    public static let test = "X-TaskFlow-Test"
    /// The delivery's id, for servers that deduplicate on the IETF draft's header.
    public static let idempotencyKey = "Idempotency-Key"
    /// What sent the request.
    public static let userAgent = "User-Agent"
    /// Standard Webhooks: the event's id.
    public static let standardID = "webhook-id"
    /// Standard Webhooks: Unix seconds of this attempt.
    public static let standardTimestamp = "webhook-timestamp"
    /// Standard Webhooks: one or more signatures over id, timestamp and body.
    public static let standardSignature = "webhook-signature"
}
