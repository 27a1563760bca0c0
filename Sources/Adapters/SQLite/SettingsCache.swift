#if SQLite
internal import Synchronization
internal import WebhookDelivery
internal import WebhookEvents

/// What webhooks' owners have decided, as it was read last: a version is read and unsealed once.
///
/// Every change of settings or secrets counts the version up, so a version says the same for ever; except when its commit
/// failed. Then everything is forgotten.
final class SettingsCache: Sendable {
    private static let capacity = 4096

    private let kept = Mutex<[String: RegisteredWebhook]>([:])

    func webhook(_ id: String, version: Int) -> RegisteredWebhook? {
        kept.withLock { kept in
            guard let webhook = kept[id], webhook.webhook.version == version else { return nil }
            return webhook
        }
    }

    func keep(_ webhook: RegisteredWebhook) {
        kept.withLock { kept in
            if kept.count >= Self.capacity { kept = [:] }
            kept[webhook.id.rawValue] = webhook
        }
    }

    func forget() { kept.withLock { $0 = [:] } }
}
#endif
