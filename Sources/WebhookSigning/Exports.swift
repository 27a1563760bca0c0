// Consumers that only verify import this module alone; its API uses timestamps and header fields.
@_exported public import WebhookEvents
@_exported public import WebhookPayload
