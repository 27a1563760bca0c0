internal import WebhookEvents
internal import WebhookLimits
internal import WebhookPayload
internal import WebhookSigning

extension ClaimedDelivery {
    /// The number of the next attempt; a delivery's first attempt has number 1.
    var attemptNumber: Int { delivery.state.attempts + 1 }

    /// Returns the signed request of one attempt, with the stored bytes as its body.
    ///
    /// - Parameters:
    ///   - policy: The current policy for URLs; the URL may have been registered under another one.
    ///   - signingKeys: The sender's keys for `v1a` signatures.
    ///   - now: The time of the attempt.
    /// - Returns: The request.
    /// - Throws: `EndpointError` if the URL is no longer allowed.
    func signedRequest(
        policy: EndpointPolicy, signingKeys: [WebhookSecret], now: Timestamp
    ) throws(EndpointError) -> WebhookRequest {
        let attempt = AttemptHeaders(
            eventID: delivery.eventID, type: delivery.eventType, webhookID: webhook.id, deliveryID: delivery.id,
            attempt: attemptNumber, isTest: delivery.trigger == .test)
        var headers = attempt.fields(body.span, signer: secrets.signer(now: now, signingKeys: signingKeys), at: now)
        if webhook.format == .cloudEvents, let envelope = try? Envelope(parsing: body) {
            for field in envelope.cloudEventsHeaders().lines { headers.append(field.name, field.value) }
        }
        for field in webhook.headers.fields.lines { headers.append(field.name, field.value) }
        if webhook.sendsTraceContext, let trace {
            headers.append("traceparent", trace.traceparent)
            if let state = trace.tracestate { headers.append("tracestate", state) }
        }
        // `*/*` means the same as no `Accept` (RFC 9110, section 12.5.1), but firewalls reject requests without one.
        if headers[HeaderName.accept] == nil { headers.append(HeaderName.accept, "*/*") }
        return WebhookRequest(
            url: try EndpointURL(webhook.url, policy: policy), headers: headers, body: body, timeout: webhook.timeout,
            accountID: delivery.accountID)
    }
}
