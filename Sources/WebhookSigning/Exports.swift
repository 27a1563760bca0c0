// A consumer that only verifies imports this one module; its signatures speak of moments and header fields.
@_exported public import WebhookEvents
@_exported public import WebhookPayload
