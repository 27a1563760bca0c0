internal import WebhookEvents
internal import WebhookPayload

// Bodies contain the accounts' data, and endpoints echo it in their responses: only lengths are printed.

extension WebhookRequest: CustomReflectable {
    /// The URL's origin, the header fields without credentials and the length of the body.
    public var customMirror: Mirror {
        Mirror(
            self,
            children: [
                "url": url, "headers": headers, "body": Hidden.bytes(body.count), "timeout": timeout,
                "account": accountID as Any,
            ], displayStyle: .struct)
    }
}

extension WebhookResponse: CustomReflectable {
    /// The status, the fields and the length of the body; no credentials.
    public var customMirror: Mirror {
        Mirror(
            self,
            children: [
                "status": status, "headers": headers, "body": Hidden.bytes(body.count), "timings": timings as Any,
            ], displayStyle: .struct)
    }
}

extension ClaimedDelivery: CustomReflectable {
    /// The delivery and its webhook; neither secrets nor the body.
    public var customMirror: Mirror {
        Mirror(
            self,
            children: [
                "lease": lease, "delivery": delivery, "webhook": webhook, "secrets": Hidden.value,
                "body": Hidden.bytes(body.count),
            ], displayStyle: .struct)
    }
}
