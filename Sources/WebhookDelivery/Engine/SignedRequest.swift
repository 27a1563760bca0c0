internal import WebhookEvents
internal import WebhookLimits
internal import WebhookPayload
internal import WebhookSigning

extension ClaimedDelivery {
    /// Counts this delivery's attempts from 1, the coming one included.
    var attemptNumber: Int { delivery.state.attempts + 1 }

    /// Signs the stored bytes for one attempt.
    ///
    /// - Parameters:
    ///   - policy: What the URL must comply with now; it may have been registered under another policy.
    ///   - signingKeys: The sender's own keys, for `v1a` signatures.
    ///   - now: The time of this attempt.
    /// - Returns: The request.
    /// - Throws: `EndpointError` when the URL is no longer allowed.
    func signedRequest(
        policy: EndpointPolicy, signingKeys: [WebhookSecret], now: Timestamp
    ) throws(EndpointError) -> WebhookRequest {
        let signer = secrets.signer(at: now, signingKeys: signingKeys)
        let headers: HeaderFields = [
            HeaderName.contentType: "application/json",
            HeaderName.userAgent: "TaskFlow-Webhooks/1",
            HeaderName.event: delivery.eventType.rawValue,
            HeaderName.signature: signer.taskFlowSignature(of: body),
            HeaderName.deliveryID: delivery.id.rawValue,
            HeaderName.deliveryAttempt: String(attemptNumber),
            HeaderName.webhookID: webhook.id.rawValue,
            HeaderName.idempotencyKey: delivery.id.rawValue,
            HeaderName.standardID: delivery.event.rawValue,
            HeaderName.standardTimestamp: String(now.unixSeconds),
            HeaderName.standardSignature: signer.standardSignature(of: body, id: delivery.event, at: now),
        ]
        return WebhookRequest(
            url: try EndpointURL(webhook.url, policy: policy), headers: headers, body: body, timeout: webhook.timeout)
    }
}
