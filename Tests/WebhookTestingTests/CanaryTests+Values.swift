import TaskFlowWebhooks
import TestSupport
import Testing
import WebhookReceiving
import WebhookTesting

// The values for the tables, all of which hold the canary.
extension CanaryTests {
    /// A wrapper for a value whose `description` is its full text form, while its debug output must hide secrets.
    struct Reflected {
        let value: Any

        init(_ value: Any) { self.value = value }
    }

    /// Keeps the context that a handler received.
    actor Kept {
        var context: WebhookContext?

        func keep(_ context: WebhookContext) { self.context = context }
    }

    /// Returns an example with the error that a closure throws.
    static func failing(_ name: String, _ body: @escaping @Sendable () throws -> Void) -> Example {
        Example(name) {
            do { try body() } catch { return error }
            Issue.record("\(name): no error was thrown")
            return ""
        }
    }

    static let now = Timestamp(unixSeconds: 1_707_577_200)

    static var secret: WebhookSecret { get throws { try WebhookSecret(canary) } }

    static var signingKey: WebhookSecret {
        get throws {
            var generator = SystemRandomNumberGenerator()
            return try WebhookSecret.randomSigningKey(using: &generator)
        }
    }

    static var rotation: SecretRotation {
        get throws {
            var rotation = try SecretRotation(secret)
            try rotation.rotate(to: secret, after: .zero, now: now)
            try rotation.rotate(to: secret, now: now)
            return rotation
        }
    }

    static var key: AESGCMSealing.Key {
        get throws { try AESGCMSealing.Key(id: "2024", bytes: Array((canary + canary).utf8)) }
    }

    static var headers: CustomHeaders {
        get throws { try CustomHeaders(["Authorization": "Bearer \(canary)", "X-Anything": canary]) }
    }

    static var credentials: HeaderFields {
        [
            "Authorization": "Bearer \(canary)", "Cookie": "session=\(canary)", "X-Anything": canary,
            "X-TaskFlow-Signature": "sha256=\(canary)", "webhook-signature": "v1,\(canary)",
            "Location": "https://\(canary)@yourapp.com/",
        ]
    }

    static var envelope: Envelope {
        get throws {
            try Envelope(
                type: #require(EventType("task.archived")), data: Array("{\"token\":\"\(canary)\"}".utf8), id: "evt_1",
                timestamp: now, metadata: EventMetadata(accountID: "acc_123"))
        }
    }

    static var request: TestRequest { get throws { try TestSigner(secret: secret).request(for: envelope, at: now) } }

    static var registration: WebhookRegistration {
        get throws { WebhookRegistration(url: url, events: [.all], secret: .given(try secret), headers: try headers) }
    }

    static var registered: RegisteredWebhook {
        get throws {
            RegisteredWebhook(
                webhook: Webhook(
                    id: "wh_1", accountID: "acc_123", url: url, events: [.all], headers: try headers, createdAt: now),
                secrets: try rotation)
        }
    }

    static var receiver: WebhookReceiver {
        get throws {
            WebhookReceiver(
                verifier: try WebhookVerifier(secret: secret), deduplication: InMemoryDeduplication(),
                clock: ManualClock(now: now))
        }
    }

    /// Creates a service with a webhook, one sent test event, and one claimed delivery.
    static func working() async throws -> (
        store: InMemoryStore, transport: ScriptedTransport, service: WebhookService, claimed: ClaimedDelivery?
    ) {
        let clock = ManualClock(now: now)
        let (store, transport) = (InMemoryStore(clock: clock), ScriptedTransport(statuses: [500]))
        let service = WebhookService(
            store: store, transport: transport, clock: clock, random: SeededRandomSource(seed: 1),
            signingKeys: [try signingKey])
        let webhook = try await service.register(registration, account: "acc_123")
        _ = try await service.test(webhook.id, account: "acc_123", with: .taskCreated)
        try await service.publish(envelope)
        return (store, transport, service, try await store.claim(ClaimRequest(count: 1)).deliveries.first)
    }
}
