public import WebhookPayload

/// What to answer a webhook request with, for any server framework.
public struct WebhookReply: Sendable, Hashable {
    /// What became of the request.
    @nonexhaustive
    public enum Disposition: Sendable, Hashable {
        /// The event was handled, or is in the hands of the background.
        case accepted
        /// The event was handled before.
        case duplicate
        /// A later event of the same resource was handled before, so handlers that mirror it left this one out.
        case outdated
        /// The request is not a webhook request, or not a genuine one; the text says why.
        case refused(String)
        /// The event could not be handled now; the sender will come again.
        case failed(String)
    }

    /// The HTTP status.
    public let status: Int
    /// The header fields.
    public let headers: HeaderFields
    /// The body: a short sentence, for the sender's log.
    public let body: [UInt8]
    /// What became of the request.
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

    /// Asks the sender to come again soon.
    static func busy(_ reason: String) -> WebhookReply {
        WebhookReply(409, .failed(reason), headers: ["Retry-After": "1"])
    }
}
