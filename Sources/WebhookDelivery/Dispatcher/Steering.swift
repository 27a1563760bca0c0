internal import WebhookPayload
internal import WebhookRetries

/// What an endpoint asks for with the response header `webhook-delivery`, if its webhook allows it.
enum Steering: String {
    /// No further attempts of this delivery.
    case abortMessage = "abort-message"
    /// No further events for this webhook.
    case disable

    /// Reads the header; `nil` without one value that is known.
    init?(response: WebhookResponse) {
        let values = response.headers.values("webhook-delivery")
        guard values.count == 1, let value = values.first, let steering = Steering(rawValue: value.lowercased()) else {
            return nil
        }
        self = steering
    }

    /// Returns the decision about a delivery whose attempt failed; a success stays one.
    func decision(instead decision: RetryDecision) -> RetryDecision {
        if case .retry = decision { .giveUp(.aborted) } else { decision }
    }
}
