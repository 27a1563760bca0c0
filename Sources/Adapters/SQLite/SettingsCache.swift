#if SQLite
internal import Synchronization
internal import WebhookDelivery
internal import WebhookEvents

/// A cache of webhooks' settings: each version is read and unsealed once.
///
/// Every change of settings or secrets increments the version, so a version never changes its content, except when its
/// commit failed; the whole cache is then cleared.
final class SettingsCache: Sendable {
    private static let capacity = 4096

    private let kept = Mutex<[String: RegisteredWebhook]>([:])

    func webhook(_ id: String, version: Int) -> RegisteredWebhook? {
        kept.withLock { kept in
            guard let registered = kept[id], registered.webhook.version == version else { return nil }
            return registered
        }
    }

    func keep(_ registered: RegisteredWebhook) {
        kept.withLock { kept in
            if kept.count >= Self.capacity { kept = [:] }
            kept[registered.id.rawValue] = registered
        }
    }

    func forget() { kept.withLock { $0 = [:] } }
}
#endif
