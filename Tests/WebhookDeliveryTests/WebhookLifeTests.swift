import TaskFlowWebhooks
import Testing
import WebhookTesting

/// Annotations, steering by the endpoint, and the end of a webhook's life.
@Suite("Life of a webhook", .timeLimit(.minutes(1)))
struct WebhookLifeTests {
    private let clock = ManualClock()

    private func service(_ script: @escaping ScriptedTransport.Script) -> WebhookService {
        WebhookService(
            store: InMemoryStore(clock: clock), transport: ScriptedTransport(script: script), clock: clock,
            random: SeededRandomSource(seed: 7))
    }

    private static func registration(_ change: (inout WebhookRegistration) -> Void = { _ in }) -> WebhookRegistration {
        var registration = WebhookRegistration(
            url: "https://example.com/hook", events: [.all], secret: .generate(),
            retryPolicy: RetryPolicy(clamping: [.seconds(5), .seconds(5)]))
        change(&registration)
        return registration
    }

    @Test(
        "The endpoint steers with one known value, if its webhook allows it",
        arguments: [
            (["abort-message"], true, 500, 1, "aborted", "active"), (["Disable"], true, 500, 1, "aborted", "disabled"),
            (["disable"], true, 200, 1, "", "disabled"), (["abort-message"], true, 200, 1, "", "active"),
            (["abort-message"], false, 500, 3, "exhausted", "failed"), (["disable"], false, 200, 1, "", "active"),
            (["stop"], true, 500, 3, "exhausted", "failed"), ([], true, 500, 3, "exhausted", "failed"),
            (["disable", "abort-message"], true, 500, 3, "exhausted", "failed"),
        ])
    func steering(
        values: [String], isAllowed: Bool, status: Int, attempts: Int, reason: String, state: String
    ) async throws {
        let service = service { _, _ in
            WebhookResponse(status: status, headers: HeaderFields(values.map { ("Webhook-Delivery", $0) }))
        }
        let webhook = try await service.register(
            Self.registration { $0.allowsSteering = isAllowed }, account: "acc_123")
        let receipt = try await service.publish(TaskCreated(WebhookServiceTests.task), account: "acc_123")
        try await clock.run(service)
        let id = try #require(receipt.deliveryIDs.first)
        let delivery = try #require(try await service.delivery(id, account: "acc_123"))
        #expect(delivery.attempts.count == attempts)
        #expect(delivery.delivery.state.reason?.rawValue ?? "" == reason)
        #expect(try await service.webhook(webhook.id, account: "acc_123")?.status.rawValue == state)
    }

    @Test("An endpoint stops its webhook with the last attempt as well, which would otherwise only fail it")
    func steeringWithTheLastAttempt() async throws {
        let service = service { _, _ in
            WebhookResponse(status: 500, headers: HeaderFields([("webhook-delivery", "disable")]))
        }
        let registration = Self.registration {
            ($0.allowsSteering, $0.retryPolicy) = (true, RetryPolicy(clamping: []))
        }
        let webhook = try await service.register(registration, account: "acc_123")
        try await service.publish(TaskCreated(WebhookServiceTests.task), account: "acc_123")
        try await clock.run(service)
        let kept = try await service.webhook(webhook.id, account: "acc_123")
        #expect(kept?.status == .disabled)
        #expect(kept?.statusReason == .endpoint)
    }

    @Test("Ten webhooks whose endpoints answered 410 leave room for ten new ones, and retention removes them")
    func tenDeadWebhooks() async throws {
        let service = service { _, _ in WebhookResponse(status: 410) }
        for _ in 0..<10 { try await service.register(Self.registration(), account: "acc_123") }
        try await service.publish(TaskCreated(WebhookServiceTests.task), account: "acc_123")
        try await clock.run(service)
        await #expect(throws: LimitError.self) { try await service.register(Self.registration(), account: "acc_123") }
        clock.advance(by: .seconds(86_400 + 1))
        for _ in 0..<10 { try await service.register(Self.registration(), account: "acc_123") }
        await #expect(throws: LimitError.self) { try await service.register(Self.registration(), account: "acc_123") }
        #expect(try await service.webhooks(of: "acc_123").count == 20)
        clock.advance(by: .seconds(30 * 86_400))
        try await service.prune(olderThan: .seconds(30 * 86_400))
        #expect(try await service.webhooks(of: "acc_123").map(\.status) == Array(repeating: .active, count: 10))
    }

    @Test("Retention removes more retired webhooks than one step does")
    func manyDeadWebhooks() async throws {
        let service = service { _, _ in WebhookResponse(status: 200) }
        for account in 0..<41 {
            for _ in 0..<10 {
                let registration = Self.registration { $0.expiresAt = clock.now + .seconds(60) }
                try await service.register(registration, account: AccountID(unchecked: "acc_\(account)"))
            }
        }
        clock.advance(by: .seconds(120))
        try await service.prune(olderThan: .seconds(30))
        for account in 0..<41 {
            #expect(try await service.webhooks(of: AccountID(unchecked: "acc_\(account)")).isEmpty)
        }
    }

    @Test(
        "Annotations are bounded",
        arguments: [
            (String(repeating: "é", count: 256), 20, 40, 500, true),
            (String(repeating: "é", count: 257), 0, 1, 0, false),
            ("", 21, 5, 0, false), ("", 1, 41, 0, false), ("", 1, 0, 0, false), ("", 1, 1, 501, false),
            ("two\nlines", 0, 1, 0, false),
        ])
    func annotations(description: String, pairs: Int, nameLength: Int, valueLength: Int, isValid: Bool) {
        func name(_ number: Int) -> String {
            let text = String(number)
            return nameLength == 0 ? "" : String(repeating: "x", count: max(0, nameLength - text.count)) + text
        }
        let metadata = Dictionary(
            (0..<pairs).map { (name($0), String(repeating: "v", count: valueLength)) }, uniquingKeysWith: { $1 })
        let made = try? Webhook.Annotations(description: description, metadata: metadata)
        #expect((made != nil) == isValid)
    }

    @Test("Metadata survives its stored form, and unreadable metadata counts as none")
    func storedMetadata() throws {
        let annotations = try Webhook.Annotations(
            description: "d", metadata: ["b": "\"", "a": "é", "": "x"].filter { $0.key != "" })
        #expect(annotations.storedMetadata == #"{"a":"é","b":"\""}"#)
        #expect(Webhook.Annotations(description: "d", storedMetadata: annotations.storedMetadata) == annotations)
        #expect(Webhook.Annotations(description: "d", storedMetadata: "[1]").metadata.isEmpty)
    }
}
