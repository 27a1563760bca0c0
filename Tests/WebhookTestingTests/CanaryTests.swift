import TaskFlowWebhooks
import TestSupport
import Testing
import WebhookReceiving
import WebhookTesting

/// Checks that no public type of the core prints a secret, body, credential or token that it holds.
///
/// A new type that can hold one needs a line in a table. The types of adapters have tables in their own tests.
@Suite("Printing hides secrets")
struct CanaryTests {
    /// The text that serves as the secret, a header value, a member of the body and a part of the URL.
    static let canary = "canary4711canary"
    static let url = "https://yourapp.com/hooks/\(canary)?token=\(canary)"

    /// A value that holds the canary.
    struct Example: CustomTestStringConvertible {
        let testDescription: String
        let make: @Sendable () async throws -> Any

        init(_ type: Any.Type, _ make: @escaping @Sendable () async throws -> Any) {
            self.testDescription = "\(type)"
            self.make = make
        }

        init(_ name: String, _ make: @escaping @Sendable () async throws -> Any) {
            self.testDescription = name
            self.make = make
        }
    }

    private static let secretHolders: [Example] = [
        Example(WebhookSecret.self) { try secret },
        Example(SecretRotation.self) { try rotation },
        Example(SecretRotation.ScheduledSecret.self) { try #require(try rotation.pending) },
        Example(SecretRotation.Change.self) { SecretRotation.Change.rotate(to: try secret, after: .zero) },
        Example(AESGCMSealing.Key.self) { try key },
        Example(AESGCMSealing.self) { try AESGCMSealing(key: key, previous: [], random: SeededRandomSource(seed: 1)) },
        Example(WebhookSigner.self) { try WebhookSigner(secret, additional: [secret]) },
        Example(WebhookVerifier.self) { try WebhookVerifier(secret: secret, previous: [secret]) },
        Example(StreamingVerification.self) {
            var stream = try WebhookVerifier(secret: secret, policy: .either()).beginVerification(
                headers: request.headers, now: now)
            try stream.update(envelope.bytes)
            return stream
        },
        Example(TestSigner.self) { try TestSigner(secret: secret, additional: [secret]) },
        Example(WebhookReceiver.self) { try receiver },
    ]

    private static let webhookHolders: [Example] = [
        Example(CustomHeaders.self) { try headers },
        Example(EndpointURL.self) { Reflected(try EndpointURL(url, policy: .production)) },
        Example(Webhook.self) { try registered.webhook },
        Example(RegisteredWebhook.self) { try registered },
        Example(WebhookRegistration.self) { try registration },
        Example(WebhookRegistration.SecretSource.self) { try registration.secret },
        Example(Webhook.Update.self) {
            var update = Webhook.Update()
            (update.url, update.headers) = (url, try headers)
            return update
        },
        Example("Webhook, a URL with credentials") {
            var webhook = try registered.webhook
            webhook.url = "https://\(canary):\(canary)@yourapp.com/"
            return webhook
        },
        Example("Webhook, an invalid URL") {
            var webhook = try registered.webhook
            webhook.url = canary
            return webhook
        },
    ]

    private static let messageHolders: [Example] = [
        Example(HeaderFields.self) { credentials },
        Example(HeaderFields.Field.self) { credentials.lines },
        Example(Envelope.self) { try envelope },
        Example(EventPublication.self) { EventPublication(try envelope, publishedAt: now, seed: 1) },
        Example(VerifiedPayload.self) {
            try WebhookVerifier(secret: secret, policy: .taskFlow).verify(
                request.body, headers: request.headers, now: now)
        },
        Example(WebhookRequest.self) {
            WebhookRequest(
                url: try EndpointURL(url, policy: .production), headers: credentials, body: try envelope.bytes,
                timeout: .seconds(5))
        },
        Example(WebhookResponse.self) {
            WebhookResponse(status: 200, headers: ["Set-Cookie": canary], body: Array(canary.utf8))
        },
        Example(TestRequest.self) { TestRequest(headers: credentials, body: try envelope.bytes) },
        Example(ClaimedDelivery.self) { try #require(try await working().claimed) },
        Example(Delivery.TestLeaseResult.self) {
            Delivery.TestLeaseResult.leased(try #require(try await working().claimed))
        },
        Example(WebhookContext.self) {
            let kept = Kept()
            var receiver = try Self.receiver
            receiver.onAny { _, context in await kept.keep(context) }
            let request = try Self.request
            _ = await receiver.respond(method: "POST", headers: request.headers, body: request.body)
            return try #require(await kept.context)
        },
    ]

    private static let serviceHolders: [Example] = [
        Example(InMemoryStore.self) { try await working().store },
        Example(ScriptedTransport.self) { try await working().transport },
        Example(WebhookService.self) { try await working().service },
        Example(Dispatcher.self) {
            Dispatcher(
                store: InMemoryStore(clock: ManualClock()), transport: ScriptedTransport(statuses: []),
                clock: ManualClock(), random: SeededRandomSource(seed: 1), signingKeys: [try signingKey])
        },
    ]

    private static let errorHolders: [Example] = [
        failing("WebhookSecret, too short") { _ = try WebhookSecret(standardWebhooks: "whsec_\(canary)!") },
        failing("WebhookSecret, with a space") { _ = try WebhookSecret("\(canary) ") },
        failing("WebhookSecret, an invalid key") { _ = try WebhookSecret("whsk_\(canary)") },
        failing("SecretRotation, an invalid encoding") { _ = try SecretRotation(stored: Array(canary.utf8)) },
        failing("AESGCMSealing.Key, wrong length") {
            _ = try AESGCMSealing.Key(id: "k", bytes: Array(canary.utf8.dropLast()))
        },
        failing("AESGCMSealing, bytes of another owner") {
            let sealing = try AESGCMSealing(key: key, random: SeededRandomSource(seed: 1))
            _ = try sealing.open(sealing.seal(Array(canary.utf8), owner: "a"), owner: "b")
        },
        failing("EndpointURL, with credentials") {
            _ = try EndpointURL("https://\(canary):\(canary)@yourapp.com/", policy: .production)
        },
        failing("EndpointURL, with a fragment") { _ = try EndpointURL(url + "#\(canary)", policy: .production) },
        failing("EndpointURL, an invalid port") {
            _ = try EndpointURL("https://yourapp.com:\(canary)/", policy: .production)
        },
        failing("CustomHeaders, with a line break") { _ = try CustomHeaders(["X-Token": "\(canary)\r\n"]) },
        failing("VerificationError, a malformed signature") {
            _ = try WebhookVerifier(secret: secret, policy: .taskFlow).verify(
                request.body, headers: ["X-TaskFlow-Signature": canary], now: now)
        },
        failing("VerificationError, another secret") {
            let other = try WebhookVerifier(secret: WebhookSecret("another long secret"))
            _ = try other.verify(request.body, headers: request.headers, now: now)
        },
        failing("PayloadError, not JSON") { _ = try Envelope(parsing: Array("{\"a\":\"\(canary)".utf8)) },
        failing("PayloadError, not an envelope") { _ = try Envelope(parsing: Array("{\"a\":\"\(canary)\"}".utf8)) },
        failing("PayloadError, a member of the wrong type") {
            let body = String(decoding: try envelope.bytes, as: UTF8.self).replacing("acc_123", with: "\(canary) ")
            _ = try Envelope(parsing: Array(body.utf8))
        },
        Example(WebhookVerifier.Explanation.self) {
            let verifier = try WebhookVerifier(secret: secret)
            return verifier.explain(try envelope.bytes + [0x0A], headers: try request.headers, now: now)
        },
        Example(WebhookReply.self) {
            var headers = try request.headers
            headers.append("webhook-id", canary)
            return await (try receiver).respond(method: "POST", headers: headers, body: try envelope.bytes)
        },
    ]

    @Test("Secrets, signers and verifiers do not print secrets", arguments: secretHolders)
    func secrets(_ example: Example) async throws { try assertNeverPrints(Self.canary, await example.make()) }

    @Test("Webhooks print no secrets, header values or URL paths", arguments: webhookHolders)
    func webhooks(_ example: Example) async throws { try assertNeverPrints(Self.canary, await example.make()) }

    @Test("Requests, responses and envelopes print no credentials or bodies", arguments: messageHolders)
    func messages(_ example: Example) async throws { try assertNeverPrints(Self.canary, await example.make()) }

    @Test("Services and stores print none of their data", arguments: serviceHolders)
    func services(_ example: Example) async throws { try assertNeverPrints(Self.canary, await example.make()) }

    @Test("Errors and replies print none of the values they report", arguments: errorHolders)
    func errors(_ example: Example) async throws { try assertNeverPrints(Self.canary, await example.make()) }
}
