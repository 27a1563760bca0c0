internal import WebhookEvents
internal import WebhookLimits

// Paths and queries of URLs often contain tokens, so only the origin of a webhook's URL is printed.

extension Webhook: CustomReflectable {
    /// Everything except the path and query of the URL, and the values of custom header fields.
    public var customMirror: Mirror {
        Mirror(
            self,
            children: [
                "id": id, "account": accountID, "url": EndpointURL.origin(of: url), "events": events, "state": status,
                "statusReason": statusReason as Any, "statusSince": statusSince,
                "format": format, "headers": headers, "timeout": timeout, "retryPolicy": retryPolicy,
                "ordering": ordering, "requestsPerSecond": requestsPerSecond as Any,
                "expiresAt": expiresAt as Any, "allowsSteering": allowsSteering, "sendsTraceContext": sendsTraceContext,
                "version": version, "createdAt": createdAt, "updatedAt": updatedAt,
                "lastTriggered": lastTriggered as Any, "lastSuccess": lastSuccess as Any,
                "succeededDeliveries": succeededDeliveries, "finishedDeliveries": finishedDeliveries, "quota": quota,
                "health": health, "pace": pace,
            ], displayStyle: .struct)
    }
}

extension WebhookRegistration: CustomReflectable {
    /// Everything except the secret, the path and query of the URL, and the values of custom header fields.
    public var customMirror: Mirror {
        Mirror(
            self,
            children: [
                "url": EndpointURL.origin(of: url), "events": events, "secret": Hidden.value, "isEnabled": isEnabled,
                "format": format, "headers": headers, "timeout": timeout as Any, "retryPolicy": retryPolicy,
                "ordering": ordering, "requestsPerSecond": requestsPerSecond as Any, "expiresAt": expiresAt as Any,
                "allowsSteering": allowsSteering, "sendsTraceContext": sendsTraceContext,
            ], displayStyle: .struct)
    }
}

extension Webhook.Update: CustomReflectable {
    /// Everything except the path and query of the URL, and the values of custom header fields.
    public var customMirror: Mirror {
        Mirror(
            self,
            children: [
                "url": url.map(EndpointURL.origin(of:)) as Any, "events": events as Any, "format": format as Any,
                "headers": headers as Any, "timeout": timeout as Any, "retryPolicy": retryPolicy as Any,
                "ordering": ordering as Any, "rate": rate as Any, "expiry": expiry as Any,
                "allowsSteering": allowsSteering as Any, "sendsTraceContext": sendsTraceContext as Any,
            ], displayStyle: .struct)
    }
}
