import TaskFlowWebhooks
import Testing
import WebhookTesting

extension WebhookServiceTests {
    private var registration: WebhookRegistration {
        WebhookRegistration(url: "https://yourapp.com/webhooks/taskflow", events: [.all], secret: .generate())
    }

    /// Delivers one event, and returns its request.
    private func deliver(_ service: WebhookService, _ transport: ScriptedTransport) async throws -> WebhookRequest {
        try await service.publish(TaskCreated(Self.task), account: "acc_123")
        try await deliverAll(service)
        return try #require(transport.requests.last)
    }

    private func verifies(
        _ request: WebhookRequest, _ secret: WebhookSecret, _ policy: VerificationPolicy
    ) throws -> Bool {
        let verifier = try WebhookVerifier(secret: secret, policy: policy)
        return (try? verifier.verify(request.body, headers: request.headers, now: clock.now)) != nil
    }

    @Test("A rotation changes the signatures in each phase, and needs the webhook's account")
    func rotation() async throws {
        let transport = ScriptedTransport(statuses: [])
        // A service runs once, so each delivery has a separate service on the same store.
        let (store, random) = (InMemoryStore(clock: clock), SeededRandomSource(seed: 9))
        func service() -> WebhookService {
            WebhookService(store: store, transport: transport, clock: clock, random: random)
        }
        let registered = try await service().register(registration, account: "acc_123")
        let (id, old) = (registered.id, registered.secret)
        #expect(try await service().rotateSecret(of: id, account: "acc_other") == nil)
        let new = try #require(try await service().rotateSecret(of: id, account: "acc_123")?.pending?.secret)
        var request = try await deliver(service(), transport)
        #expect(try verifies(request, old, .taskFlow))
        #expect(try !verifies(request, new, .taskFlow))
        #expect(try verifies(request, old, .timestamped()))
        #expect(try verifies(request, new, .timestamped()))
        _ = try await service().activateSecret(of: id, account: "acc_123")
        request = try await deliver(service(), transport)
        #expect(try verifies(request, new, .taskFlow))
        #expect(try verifies(request, old, .timestamped()))
        await #expect(throws: SigningError.self) {
            try await service().cancelPendingSecret(of: id, account: "acc_123")
        }
    }

    @Test("Every request can be verified with the public key of the service's signing key")
    func signingKeys() async throws {
        var generator = SeededGenerator(seed: 3)
        let key = try WebhookSecret.randomSigningKey(using: &generator)
        let transport = ScriptedTransport(statuses: [])
        let service = WebhookService(
            store: InMemoryStore(clock: clock), transport: transport, clock: clock,
            random: SeededRandomSource(seed: 4), signingKeys: [key])
        let registered = try await service.register(registration, account: "acc_123")
        let request = try await deliver(service, transport)
        #expect(try verifies(request, key.verificationKey, .timestamped()))
        #expect(try verifies(request, registered.secret, .timestamped()))
    }

    @Test("A signing key or a short secret is rejected as a webhook's secret")
    func unusableSecrets() async throws {
        let service = service(ScriptedTransport(statuses: []))
        var generator = SeededGenerator(seed: 3)
        let key = try WebhookSecret.randomSigningKey(using: &generator)
        for secret in [key, key.verificationKey, try WebhookSecret(standardWebhooks: "whsec_YWJj")] {
            var registration = registration
            registration.secret = .given(secret)
            await #expect(throws: SigningError.self) {
                try await service.register(registration, account: "acc_123")
            }
        }
        #expect(try await service.webhooks(of: "acc_123").isEmpty)
    }

    @Test("CloudEvents header fields are added to the same body")
    func cloudEvents() async throws {
        let transport = ScriptedTransport(statuses: [])
        let service = service(transport)
        var cloud = registration
        cloud.format = .cloudEvents
        try await service.register(cloud, account: "acc_123")
        try await service.register(registration, account: "acc_123")
        _ = try await deliver(service, transport)
        let types = transport.requests.map { $0.headers["ce-type"] }
        #expect(Set(types) == ["com.taskflow.task.created", nil])
        #expect(Set(transport.requests.map(\.body)).count == 1)
        let request = try #require(transport.requests.first { $0.headers["ce-id"] != nil })
        #expect(request.headers["ce-id"] == request.headers["webhook-id"])
    }
}
