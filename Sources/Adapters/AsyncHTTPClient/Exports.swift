// The transport's API uses the resolver.
@_exported public import WebhookResolver
