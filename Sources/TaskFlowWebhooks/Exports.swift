// Everything a backend needs, with one import.
@_exported public import WebhookDelivery
@_exported public import WebhookEvents
@_exported public import WebhookLimits
@_exported public import WebhookPayload
@_exported public import WebhookRetries
@_exported public import WebhookSigning
@_exported public import WebhookSystem
