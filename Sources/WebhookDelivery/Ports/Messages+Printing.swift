internal import WebhookEvents
internal import WebhookPayload

// Bodies hold the accounts' data, and endpoints repeat in their answers what they were sent: only lengths are printed.

extension WebhookRequest: CustomReflectable {
    /// Where the request goes, its fields and the length of its body; neither credentials nor the path of the URL.
    public var customMirror: Mirror {
        Mirror(
            self,
            children: [
                "url": url, "headers": headers, "body": Hidden.bytes(body.count), "timeout": timeout,
                "account": account as Any,
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
