public import WebhookPayload

/// The reply to a webhook request, independent of the server framework.
public struct WebhookReply: Sendable, Hashable {
    /// The outcome of a request.
    @nonexhaustive
    public enum Disposition: Sendable, Hashable {
        /// The event was handled, or is in the background queue.
        case accepted
        /// The event was already handled.
        case duplicate
        /// A later event of the same resource was already handled, so handlers that mirror it skipped this one.
        case outdated
        /// The request is not a webhook request, or not a genuine one; the text gives the reason.
        case refused(String)
        /// The event could not be handled now; the sender retries.
        case failed(String)
    }

    /// The HTTP status.
    public let status: Int
    /// The header fields.
    public let headers: HeaderFields
    /// The body: a short text for the sender's log.
    public let body: [UInt8]
    /// The outcome of the request.
    public let disposition: Disposition

    init(_ status: Int, _ disposition: Disposition, headers: HeaderFields = [:]) {
        let text =
            switch disposition {
            case .accepted: "accepted"
            case .duplicate: "duplicate"
            case .outdated: "outdated"
            case .refused(let reason), .failed(let reason): reason
            }
        var headers = headers
        headers.append("Content-Type", "text/plain; charset=utf-8")
        self.status = status
        self.headers = headers
        self.body = Array(text.utf8)
        self.disposition = disposition
    }

    /// Returns a reply that asks the sender to retry soon.
    static func busy(_ reason: String) -> WebhookReply {
        WebhookReply(409, .failed(reason), headers: ["Retry-After": "1"])
    }
}
