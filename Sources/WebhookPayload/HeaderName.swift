/// The names of the header fields that TaskFlow sends with every webhook request.
///
/// They are computed properties, so that the compiler inlines them as constants.
public enum HeaderName {
    /// The media type of the body, always `application/json`.
    @inlinable public static var contentType: String { "Content-Type" }
    /// The media types that the sender accepts, always `*/*`.
    @inlinable public static var accept: String { "Accept" }
    /// The length of the body.
    @inlinable public static var contentLength: String { "Content-Length" }
    /// The event's type.
    @inlinable public static var event: String { "X-TaskFlow-Event" }
    /// `sha256=` and the HMAC-SHA256 of the body in lower-case hexadecimal.
    @inlinable public static var signature: String { "X-TaskFlow-Signature" }
    /// The identifier of the delivery; the same for every attempt.
    @inlinable public static var deliveryID: String { "X-TaskFlow-Delivery-ID" }
    /// The number of the attempt, counted from 1.
    @inlinable public static var deliveryAttempt: String { "X-TaskFlow-Delivery-Attempt" }
    /// The identifier of the webhook.
    @inlinable public static var webhookID: String { "X-TaskFlow-Webhook-ID" }
    /// `true` on test events, absent otherwise.
    @inlinable public static var test: String { "X-TaskFlow-Test" }
    /// The identifier of the delivery, for servers that deduplicate on the header of the IETF draft.
    ///
    /// It has no quotation marks, unlike in the draft, because the APIs in common use send it that way.
    @inlinable public static var idempotencyKey: String { "Idempotency-Key" }
    /// The software that sent the request.
    @inlinable public static var userAgent: String { "User-Agent" }
    /// Standard Webhooks: the identifier of the event.
    @inlinable public static var standardID: String { "webhook-id" }
    /// Standard Webhooks: the time of this attempt in Unix seconds.
    @inlinable public static var standardTimestamp: String { "webhook-timestamp" }
    /// Standard Webhooks: one or more signatures over identifier, timestamp and body.
    @inlinable public static var standardSignature: String { "webhook-signature" }
}
