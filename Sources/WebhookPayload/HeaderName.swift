/// The names of the header fields that TaskFlow sends with every webhook request.
///
/// They are computed, so that reading one is a constant and no look-up of a global.
public enum HeaderName {
    /// The media type of the body, always `application/json`.
    @inlinable public static var contentType: String { "Content-Type" }
    /// The media types that the sender takes, always `*/*`.
    @inlinable public static var accept: String { "Accept" }
    /// The length of the body.
    @inlinable public static var contentLength: String { "Content-Length" }
    /// The event's type.
    @inlinable public static var event: String { "X-TaskFlow-Event" }
    /// `sha256=` and the HMAC-SHA256 of the body in lower-case hex.
    @inlinable public static var signature: String { "X-TaskFlow-Signature" }
    /// Names the delivery; the same on every attempt.
    @inlinable public static var deliveryID: String { "X-TaskFlow-Delivery-ID" }
    /// Counts the attempts of a delivery from 1.
    @inlinable public static var deliveryAttempt: String { "X-TaskFlow-Delivery-Attempt" }
    /// Names the webhook.
    @inlinable public static var webhookID: String { "X-TaskFlow-Webhook-ID" }
    /// `true` on test events, absent otherwise.
    @inlinable public static var test: String { "X-TaskFlow-Test" }
    /// The delivery's id, for servers that deduplicate on the IETF draft's header; bare, without the draft's quotes, as the
    /// APIs in common use send it.
    @inlinable public static var idempotencyKey: String { "Idempotency-Key" }
    /// What sent the request.
    @inlinable public static var userAgent: String { "User-Agent" }
    /// Standard Webhooks: the event's id.
    @inlinable public static var standardID: String { "webhook-id" }
    /// Standard Webhooks: Unix seconds of this attempt.
    @inlinable public static var standardTimestamp: String { "webhook-timestamp" }
    /// Standard Webhooks: one or more signatures over id, timestamp and body.
    @inlinable public static var standardSignature: String { "webhook-signature" }
}
