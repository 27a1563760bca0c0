/// A store of webhooks, events and deliveries.
///
/// A store has four roles. Each requirement of a role must be atomic: it happens completely or not at all, even if the process crashes, and even if
/// several workers call concurrently. A store decides nothing itself: it applies the methods of ``Delivery`` and
/// ``Webhook`` with its own clock and stores the results. If a call throws, the engine knows only that the outcome is
/// unknown. It retries the call, so every requirement must be safe to repeat.
public protocol WebhookStore: WebhookRegistry, DeliveryQueue, DeliveryArchive, ReplayStore {}
