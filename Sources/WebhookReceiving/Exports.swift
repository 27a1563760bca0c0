// Everything a consumer needs, with one import.
@_exported public import WebhookEvents
@_exported public import WebhookPayload
@_exported public import WebhookSigning
@_exported public import WebhookSystem
