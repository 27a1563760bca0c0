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
        let attempt = AttemptHeaders(
            event: delivery.event, type: delivery.eventType, webhook: webhook.id, delivery: delivery.id,
            attempt: attemptNumber, isTest: delivery.trigger == .test)
        var headers = attempt.fields(body.span, signer: secrets.signer(at: now, signingKeys: signingKeys), at: now)
        if webhook.format == .cloudEvents, let envelope = try? Envelope(parsing: body) {
            for field in envelope.cloudEventsHeaders().fields { headers.append(field.name, field.value) }
        }
        for field in webhook.headers.fields.fields { headers.append(field.name, field.value) }
        // It means the same as none (RFC 9110, section 12.5.1), but firewalls refuse requests without one.
        if headers[HeaderName.accept] == nil { headers.append(HeaderName.accept, "*/*") }
        return WebhookRequest(
            url: try EndpointURL(webhook.url, policy: policy), headers: headers, body: body, timeout: webhook.timeout,
            account: delivery.account)
    }
}
