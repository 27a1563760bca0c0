// The resolver belongs to the transport's interface.
@_exported public import WebhookResolver
